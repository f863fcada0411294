"""What an AG-UI client asks for: RunAgentInput, as far as it means something here.

Clients send the whole conversation with every run. Only its last message counts, if a person said it: the rest is ours,
and nobody's word is taken for it. What would change the answer and is not supported here is refused, never ignored.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from domain.errors import InvalidInput, NotFound
from domain.ids import ApprovalId, FileId
from domain.sessions import OnBusy
from services.approvals import Decide
from services.attachments import MOST

RunId = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$", description="The run's idempotency key.")]


def _none(code: str, sentence: str) -> AfterValidator:
    def check(given: Sequence[object] | None) -> Sequence[object] | None:
        if given:
            raise PydanticCustomError(code, sentence)
        return given

    return AfterValidator(check)


_NoTools = _none("tools_not_supported", "Tools of a client can't be called: send none.")
_NoContext = _none("context_not_supported", "A client's context isn't read: say it in the message.")


class _Wire(BaseModel):
    """The protocol lets a producer add fields; those are not ours to refuse."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="ignore")


class Said(_Wire):
    id: str
    role: str
    content: Any = None

    @property
    def text(self) -> str:
        """Raises InvalidInput `unsupported_content` for a part that is neither text nor a file of ours."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(text for part in self._parts if (text := _text(part)) is not None)

    @property
    def files(self) -> list[FileId]:
        """Of the parts that name one by our handle. Raises NotFound `file_not_found` for what is no handle of ours."""
        return [] if isinstance(self.content, str) else [_file(part) for part in self._parts if _names_file(part)]

    @property
    def _parts(self) -> list[object]:
        return self.content if isinstance(self.content, list) else [self.content]


class Answer(_Wire):
    """Of an interrupt. `cancelled` decides nothing: the request goes on waiting for whoever may."""

    interrupt_id: str
    status: Literal["resolved", "cancelled"]
    payload: Any = Field(default=None, description="`{verdict, reason?, conditions?}` of a request for approval.")

    @property
    def approval_id(self) -> ApprovalId:
        try:
            return ApprovalId(UUID(self.interrupt_id))
        except ValueError:
            raise NotFound("There is no such approval.", code="approval_not_found") from None

    @property
    def decision(self) -> Decide:
        """Raises InvalidInput `bad_verdict`."""
        try:
            return Decide.model_validate(self.payload)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise InvalidInput(
                "An interrupt is resolved with a payload {verdict, reason?, conditions?}.",
                code="bad_verdict",
                field=f"resume.payload.{where}".rstrip("."),
            ) from None


class Wishes(_Wire):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="forbid")

    on_busy: OnBusy = OnBusy.ENQUEUE
    files: list[FileId] = Field(default_factory=list, max_length=MOST, description="What comes with the message.")


class RunInput(_Wire):
    thread_id: str = Field(description="A session's id, or the client's own name for a conversation.")
    run_id: RunId
    messages: list[Said] = Field(description="Only the last one counts, if its role is `user`.")
    tools: Annotated[list[Any] | None, _NoTools] = None
    context: Annotated[list[Any] | None, _NoContext] = None
    state: Any = Field(default=None, description="As the client got it. Nothing of it is believed.")
    forwarded_props: Wishes | None = None
    resume: list[Answer] | None = Field(default=None, max_length=20)
    protocol_version: str | None = None
    parent_run_id: str | None = None

    @property
    def said(self) -> str | None:
        """None where the client has nothing new to say: it wants the conversation as it is."""
        return self._last.text if self._last else None

    @property
    def files(self) -> list[FileId]:
        """What comes with the message: parts of it, and what is wished for beside it."""
        return [*(self._last.files if self._last else ()), *(self.forwarded_props or Wishes()).files]

    @property
    def _last(self) -> Said | None:
        last = self.messages[-1] if self.messages else None
        return last if last and last.role == "user" else None

    @property
    def seen(self) -> int | None:
        """Up to where the client says that it has the conversation."""
        seen = self.state.get("seen") if isinstance(self.state, dict) else None
        return seen if isinstance(seen, int) else None


def _text(part: object) -> str | None:
    """None for a file of ours."""
    if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
        return str(part["text"])
    if _names_file(part):
        return None
    raise InvalidInput("A message is text, and files of ours.", code="unsupported_content", field="messages")


def _names_file(part: object) -> bool:
    """As the protocol has it: a document whose source is a handle that we, the provider, have given out."""
    source = part.get("source") if isinstance(part, dict) and part.get("type") == "document" else None
    return isinstance(source, dict) and source.get("type") == "file"


def _file(part: Any) -> FileId:
    try:
        return FileId(UUID(str(part["source"].get("value"))))
    except ValueError:
        raise NotFound("There is no such file.", code="file_not_found", field="messages") from None
