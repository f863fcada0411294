"""Every error as RFC 9457 problem+json: one table for domain errors, resolved over the class's ancestors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from domain.errors import (
    ApprovalNeeded,
    BudgetSpent,
    Conflict,
    DomainError,
    Forbidden,
    InvalidInput,
    KeyReused,
    LimitExceeded,
    NotFound,
    StaleVersion,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unsupported,
)
from server.api.denials import note_denial

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    field: str = Field(examples=["budget.amount"])
    code: str = Field(examples=["missing"])
    message: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """What went wrong (RFC 9457). `code` is stable; `detail` is a sentence for a person."""

    type: str = Field(examples=["urn:media-planner:problem:stale_version"])
    title: str = Field(examples=["Changed meanwhile"])
    status: int = Field(examples=[412])
    detail: str = Field(examples=["Spring launch is at version 4 by now, not 3."])
    code: str = Field(examples=["stale_version"])
    field: str | None = None
    request_id: str = Field(examples=["0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77"])
    errors: list[FieldProblem] | None = Field(default=None, description="One per field of a malformed payload.")
    details: dict[str, Any] | None = Field(default=None, description="Facts that belong to the code.")


@dataclass(frozen=True, slots=True)
class Kind:
    status: int
    title: str
    headers: Mapping[str, str] = field(default_factory=dict)


KINDS: Mapping[type[DomainError], Kind] = {
    DomainError: Kind(500, "Internal error"),
    InvalidInput: Kind(400, "Invalid input"),
    KeyReused: Kind(422, "Key used before"),
    Unsupported: Kind(422, "Not supported"),
    Unauthenticated: Kind(401, "Not signed in", {"WWW-Authenticate": "Bearer"}),
    Forbidden: Kind(403, "Not permitted"),
    ApprovalNeeded: Kind(403, "Approval needed"),
    NotFound: Kind(404, "Not found"),
    Conflict: Kind(409, "Conflict"),
    StaleVersion: Kind(412, "Changed meanwhile"),
    BudgetSpent: Kind(409, "Budget spent"),
    TooLarge: Kind(413, "Too large"),
    LimitExceeded: Kind(429, "Too much", {"Retry-After": "5"}),
    Unavailable: Kind(503, "Unavailable", {"Retry-After": "5"}),
}

# A malformed id in the path gets the same answer as an unknown one.
_UNKNOWN = {
    "campaign_id": NotFound("There is no such campaign.", code="campaign_not_found"),
    "plan_id": NotFound("There is no plan yet.", code="no_plan"),
    "session_id": NotFound("There is no such conversation.", code="session_not_found"),
    "turn_id": NotFound("There is no such turn.", code="turn_not_found"),
    "approval_id": NotFound("There is no such approval.", code="approval_not_found"),
    "job_id": NotFound("There is no such job.", code="job_not_found"),
    "user_id": NotFound("There is no such member.", code="member_not_found"),
    "invitation_id": NotFound("There is no such invitation.", code="invitation_not_found"),
    "grant_id": NotFound("There is no such grant.", code="grant_not_found"),
    "token_id": NotFound("There is no such service token.", code="service_token_not_found"),
    "file_id": NotFound("There is no such file.", code="file_not_found"),
    "advertiser_id": NotFound("There is no such advertiser.", code="advertiser_not_found"),
    "benchmark_id": NotFound("There is no such benchmark.", code="benchmark_not_found"),
    "curve_id": NotFound("There is no such curve.", code="curve_not_found"),
    "sign_in_id": NotFound("There is no such sign-in.", code="sign_in_not_found"),
}


def kind_of(error: DomainError) -> Kind:
    return next(KINDS[ancestor] for ancestor in type(error).__mro__ if ancestor in KINDS)


def problem_response(
    request_id: str,
    kind: Kind,
    code: str,
    detail: str,
    *,
    field: str | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    details: Mapping[str, object] | None = None,
) -> Response:
    body = {
        "type": f"urn:media-planner:problem:{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
        "field": field,
        "request_id": request_id,
    }
    if errors:
        body["errors"] = list(errors)
    if details:
        body["details"] = dict(details)
    headers = dict(kind.headers)
    if details and (seconds := details.get("retry_after")):
        headers["Retry-After"] = str(seconds)
    return Response(orjson.dumps(body, default=str), kind.status, headers, MEDIA_TYPE)


def internal_problem(request_id: str) -> Response:
    """Says nothing of what happened inside; the log line of this request does."""
    kind = KINDS[DomainError]
    return problem_response(request_id, kind, "internal", "Something went wrong on our side.")


def add_problem_handlers(app: FastAPI) -> None:
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http_error)


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    await note_denial(request, error)
    return problem_response(
        request.scope["request_id"],
        kind_of(error),
        error.code,
        error.message,
        field=error.field,
        details=error.details,
    )


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    for one in found:
        if one["loc"][0] == "path" and (unknown := _UNKNOWN.get(str(one["loc"][1]))):
            return await _domain_error(request, unknown)
    fields = [{"field": _place(one["loc"]), "code": str(one["type"]), "message": str(one["msg"])} for one in found]
    return problem_response(
        request.scope["request_id"],
        Kind(422, "Malformed request"),
        "malformed",
        "; ".join(f"{one['field']}: {one['message']}" for one in fields[:3]),
        field=fields[0]["field"],
        errors=fields,
    )


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = Kind(error.status_code, _TITLES.get(error.status_code, "Refused"), error.headers or {})
    code = _CODES.get(error.status_code, "refused")
    return problem_response(request.scope["request_id"], kind, code, str(error.detail))


_TITLES = {400: "Bad request", 404: "Not found", 405: "Method not allowed", 413: "Too large"}
_CODES = {400: "bad_request", 404: "no_such_route", 405: "method_not_allowed", 413: "body_too_large"}


def _place(location: Sequence[str | int]) -> str:
    """("body", "budget", "amount") is the payload's field budget.amount; a query parameter has its own name."""
    parts = location[1:] if len(location) > 1 else location
    return ".".join(str(part) for part in parts)
