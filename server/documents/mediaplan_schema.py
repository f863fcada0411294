"""mediaplanschema 3.0, the open standard for media plans as JSON: its schema, and what a document gets wrong in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

VERSION = "3.0"
MOST_PROBLEMS = 20

_PARTS = ("mediaplan", "campaign", "lineitem", "dictionary")


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """`place` is where in the document, as in "lineitems/2/cost_total"; empty for the document itself."""

    place: str
    message: str


def problems_of(document: object) -> list[SchemaProblem]:
    """The first few things that the schema does not allow; none for a document that is one."""
    return [_problem(error) for error in islice(_validator().iter_errors(document), MOST_PROBLEMS)]


@cache
def fields_of(part: str) -> frozenset[str]:
    """The names the standard knows in `campaign`, `lineitem`, `dictionary` or the whole `mediaplan`."""
    return frozenset(_schema(part)["properties"])


@cache
def _validator() -> Draft202012Validator:
    parts = [(f"{part}.schema.json", Resource.from_contents(_schema(part))) for part in _PARTS]
    registry: Registry[Any] = Registry().with_resources(parts)
    return Draft202012Validator(
        _schema("mediaplan"), registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


@cache
def _schema(part: str) -> Mapping[str, Any]:
    text = (files("server.documents.mediaplanschema") / f"{part}.schema.json").read_text("utf-8")
    return cast(Mapping[str, Any], json.loads(text))


def _problem(error: ValidationError) -> SchemaProblem:
    message = error.message if len(error.message) <= 200 else f"{error.message[:200]}…"
    return SchemaProblem("/".join(str(step) for step in error.absolute_path), message)
