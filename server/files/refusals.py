"""What both stores say when they can't."""

from domain.errors import NotFound, Unavailable


def no_bytes() -> NotFound:
    return NotFound("There is no such file.", code="file_not_found")


def away() -> Unavailable:
    return Unavailable("The files can't be reached.", code="files_away")
