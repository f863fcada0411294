"""What every answer to a question is made of."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class ReadModel(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class Page(ReadModel, Generic[T]):
    items: list[T]
    next_cursor: str | None = None


class PageRequest(ReadModel):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = None
