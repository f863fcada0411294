from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.embedded.homes import temporary_home


@pytest.fixture
def home() -> Iterator[Path]:
    with temporary_home() as path:
        yield path
