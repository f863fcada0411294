"""A pytest plugin: what the security tests count and measure, as JSON where `--security-figures PATH` asks for it."""

import json
from pathlib import Path

import pytest


class Figures(dict[str, float]):
    """Names to numbers."""

    def add(self, name: str, value: float) -> None:
        self[name] = self.get(name, 0) + value

    def put(self, name: str, value: float) -> None:
        self[name] = value


FIGURES = pytest.StashKey[Figures]()


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> Figures:
    return pytestconfig.stash[FIGURES]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--security-figures", type=Path, metavar="PATH", help="Write the security tests' figures as JSON.")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("security_figures") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--security-figures counts within one process: leave out --numprocesses")
    config.stash[FIGURES] = Figures()


def pytest_sessionfinish(session: pytest.Session) -> None:
    path: Path | None = session.config.getoption("security_figures")
    if path:
        path.write_text(json.dumps(session.config.stash[FIGURES], indent=2, sort_keys=True) + "\n")
