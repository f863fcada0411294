"""What is refused to an actor leaves one row in the audit, whichever route it was on."""

from uuid import UUID

from fastapi import Request

from domain.errors import DomainError, Forbidden, NotFound
from services.actor import Actor
from services.application import Application

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def entered(request: Request, actor: Actor) -> Actor:
    """From here on refusals of this request are this actor's."""
    request.state.actor = actor
    return actor


async def note_denial(request: Request, error: DomainError) -> None:
    """What is not found is a refusal where something was to be changed; a look at nothing is none."""
    actor: Actor | None = getattr(request.state, "actor", None)
    refused = isinstance(error, Forbidden) or (isinstance(error, NotFound) and request.method not in READING)
    if actor is None or not refused:
        return
    application: Application = request.app.state.system.application
    await application.audit.denied(actor, error, f"http.{request.scope['route'].name}", _object(request))


def _object(request: Request) -> UUID | None:
    """The last id in the path: what the request was about, if it was about one thing."""
    for value in reversed(request.path_params.values()):
        try:
            return UUID(str(value))
        except ValueError:
            continue
    return None
