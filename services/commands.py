"""What every command is: a frozen value without identity, refusing fields it doesn't know."""

from typing import Self

from pydantic import BaseModel, ConfigDict


class Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def within(cls, wider: "Command") -> Self:
        """The command inside a wider one (a tool's arguments name the campaign beside it)."""
        return cls.model_validate({name: getattr(wider, name) for name in cls.model_fields})
