"""Where Temporal comes from. Go is a program on a PATH, so here it is a script that leaves what Go would."""

import asyncio
from pathlib import Path

import pytest

from domain.errors import Unavailable
from server.embedded.parts import start_parts
from server.embedded.prepare import prepare
from server.embedded.temporal_binary import cached_binary, temporal_binary

_GO = """#!/bin/sh
echo "$@" >> {calls}
echo package/one >&2
sleep 0.5
printf '#!/bin/sh\\necho no server here >&2\\nexit 3\\n' > "$GOBIN/temporal"
chmod +x "$GOBIN/temporal"
"""


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """A PATH with the system's own tools, but no Go, no Temporal and no Redis, and an empty cache."""
    tools = home / "tools"
    tools.mkdir()
    for name in ("sh", "sleep", "chmod"):
        (tools / name).symlink_to(Path("/bin") / name)
    return {"PATH": str(tools), "XDG_CACHE_HOME": str(home / "cache")}


def put_go_on_path(environment: dict[str, str], script: str) -> Path:
    """Answers with the file that has a line for each call."""
    tools = Path(environment["PATH"])
    calls = tools / "calls"
    (tools / "go").write_text(script.format(calls=calls))
    (tools / "go").chmod(0o755)
    return calls


async def test_it_is_built_once_and_then_found(environment: dict[str, str]) -> None:
    calls = put_go_on_path(environment, _GO)
    said: list[str] = []
    first = await temporal_binary(environment, said.append)
    again = await temporal_binary(environment, said.append)
    assert first == again == cached_binary(environment)
    assert "github.com/temporalio/cli/cmd/temporal@v1.5.1" in calls.read_text()
    assert len(calls.read_text().splitlines()) == 1
    assert "building the Temporal dev server v1.5.1" in said[0]


async def test_two_that_need_it_build_it_once(environment: dict[str, str]) -> None:
    calls = put_go_on_path(environment, _GO)
    said: list[str] = []
    await asyncio.gather(*(temporal_binary(environment, said.append) for _ in range(2)))
    assert len(calls.read_text().splitlines()) == 1
    assert "waiting for another process that builds Temporal" in said


async def test_a_build_that_fails_says_why_and_leaves_nothing_to_run(environment: dict[str, str]) -> None:
    put_go_on_path(environment, "#!/bin/sh\necho 'go: proxy refused' >&2\nexit 1\n")
    with pytest.raises(Unavailable, match=r"status 1: go: proxy refused.*install Go") as refusal:
        await temporal_binary(environment, lambda _: None)
    assert refusal.value.code == "temporal_missing"
    assert not cached_binary(environment).exists()


async def test_one_on_the_path_is_taken_as_it_is(environment: dict[str, str]) -> None:
    program = Path(environment["PATH"]) / "temporal"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert await temporal_binary(environment, lambda _: None, download=False) == program


async def test_without_go_the_rest_serves_and_the_status_says_why(home: Path, environment: dict[str, str]) -> None:
    said: list[str] = []
    parts_of_home = start_parts(
        home / "data",
        postgres=False,
        announce=said.append,
        environment=environment,
        temporal_download=False,
    )
    async with parts_of_home as parts:
        with pytest.raises(Unavailable, match="no Go toolchain is on the PATH; install Go") as refusal:
            await parts.temporal_ready()
        assert refusal.value.code == "temporal_missing"
        assert parts.temporal_address is None
        statuses = {status.name: status for status in parts.status()}
        assert statuses["redis"].degraded is None
        assert "no Go toolchain" in (statuses["temporal"].degraded or "")
        assert any("no Go toolchain" in line for line in said)


async def test_a_server_that_ends_at_once_is_named_with_its_last_words(home: Path, environment: dict[str, str]) -> None:
    put_go_on_path(environment, _GO)
    settled = start_parts(home / "data", postgres=False, announce=lambda _: None, environment=environment)
    async with settled as parts:
        with pytest.raises(Unavailable, match="temporal ended with status 3: no server here"):
            await parts.temporal_ready()


async def test_prepare_is_quiet_when_nothing_has_to_be_made(environment: dict[str, str]) -> None:
    put_go_on_path(environment, _GO)
    said: list[str] = []
    await prepare(environment, said.append, quiet=True)
    assert said
    said.clear()
    await prepare(environment, said.append, quiet=True)
    assert not said
    await prepare(environment, said.append, quiet=False)
    assert [line.split()[0] for line in said] == ["postgres", "redis", "temporal"]


async def test_prepare_fails_where_it_cannot_be_had(environment: dict[str, str]) -> None:
    with pytest.raises(Unavailable, match="install Go, or put `temporal` on the PATH"):
        await prepare(environment, lambda _: None, quiet=True, download=False)
