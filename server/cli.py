"""The command `mediaplanner`: thin, and every command imports what it needs only when it is asked for."""

import logging
import os
import sys
import traceback
from collections.abc import Coroutine
from typing import Annotated, Any, NoReturn
from uuid import UUID

import typer
from pydantic import ValidationError

from domain.errors import DomainError
from server.embedded.signals import run_until_stopped
from server.settings import Settings

_INTERRUPTED = 130

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
audit = typer.Typer(no_args_is_help=True, help="What was done and refused, and whether anybody changed it afterwards.")
app.add_typer(audit, name="audit")


@app.callback()
def mediaplanner() -> None:
    """An agent-first conversational backend for media planning."""


@app.command()
def run() -> None:
    """Serve the API and run the jobs, on an embedded part for every URL that is not set."""
    from server.run import run

    run_until_stopped(run(Settings(), _say))


@app.command()
def prepare(
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what has to be made.")] = False,
) -> None:
    """Make what a first start or the tests would have to build."""
    from server.embedded.prepare import prepare

    settings = Settings()
    _to_the_end(prepare(os.environ, _say, quiet=quiet, download=settings.temporal_download))


@app.command()
def doctor() -> None:
    """Check every dependency, and say what to do about each that is missing."""
    from server.doctor import examine

    _to_the_end(examine(Settings(), os.environ, _say))


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version."""
    from server.stack import migrate

    _to_the_end(migrate(Settings(), _say))


@app.command()
def bootstrap_owner(
    email: Annotated[str, typer.Option(help="To sign in with.")],
    name: Annotated[str, typer.Option(help="The person's.")],
    tenant: Annotated[str, typer.Option(help="The company's name.")],
) -> None:
    """Make a tenant and its first owner. The password is asked for, or read from MP_OWNER_PASSWORD or a pipe."""
    from server.owner import FirstOwner, bootstrap_owner

    _to_the_end(
        bootstrap_owner(Settings(), FirstOwner(email, name, tenant), _password("MP_OWNER_PASSWORD", new=True), _say)
    )


@app.command()
def rotate_key() -> None:
    """Let a new key sign the access tokens, and the last one verify those that it signed."""
    from server.embedded.signing_key import rotate
    from server.identity.keyring import ROTATION, Keyring
    from server.identity.tokens import LIFETIME_SECONDS

    settings = Settings()
    if settings.signing_key or not settings.embedded:
        _say(ROTATION)
        return
    new, last = Keyring(rotate(settings.home)).ids
    _say(f"new key {new}: signs from the next start on")
    _say(f"last key {last}: what it signed stays valid for its {LIFETIME_SECONDS // 60} minutes")
    _say("a key before these is dropped: what it signed is refused from the next start on")


@app.command()
def worker() -> None:
    """Run the background jobs; `run` starts one by itself."""
    from server.worker import main

    run_until_stopped(main(Settings()))


@app.command()
def chat(
    url: Annotated[str | None, typer.Option(help="Where the API is.")] = None,
    email: Annotated[str | None, typer.Option(help="Whose account; left out: the demo user's.")] = None,
    tenant: Annotated[str | None, typer.Option(help="The company's name, for who is in several.")] = None,
) -> None:
    """Talk to a running media planner in the terminal. The password is asked for, or read from MP_CHAT_PASSWORD."""
    from server.terminal.account import Account
    from server.terminal.chat import chat

    account = Account(email, _password("MP_CHAT_PASSWORD")) if email else None
    run_until_stopped(chat(Settings(), url, account, tenant))


@app.command()
def demo() -> None:
    """Play a conversation from campaign to summary, and check what it left in the database."""
    from server.terminal.demo import demo

    _to_the_end(demo(Settings()))


@audit.command()
def verify(
    tenant: Annotated[UUID | None, typer.Option(help="Only this one's.")] = None,
    head: Annotated[str | None, typer.Option(metavar="SEQ:SEAL", help="One that was printed before.")] = None,
) -> None:
    """Go along the chain of seals; fail where somebody changed, put in or took away what was written."""
    from server.verification import verify

    _to_the_end(verify(Settings(), tenant, head, _say))


@app.command()
def permissions() -> None:
    """Print who may do what, as the table in the documentation."""
    from domain.permission_table import markdown

    print(markdown(), end="")


@app.command()
def studio() -> None:
    """Open the agents in LangGraph Studio, on the embedded parts and the demo tenant."""
    from server.studio_server import run

    run_until_stopped(run(Settings(), _say))


def main() -> NoReturn:
    """The way into and out of every command: one line for what a person can mend, else a traceback."""
    try:
        app()
    except DomainError as error:
        _leave(1, error.message)
    except ValidationError as error:
        _leave(2, "; ".join(_what_is_wrong(str(one["loc"][0]), one["msg"]) for one in error.errors()))
    except SystemExit as end:
        _leave(end.code if isinstance(end.code, int) else int(end.code is not None))
    except BaseException:  # noqa: BLE001 - the interpreter would print it, but we leave without it
        _leave(1, traceback.format_exc())
    _leave(0)


def _password(variable: str, *, new: bool = False) -> str:
    """Never an argument: those are in the list of processes, and in the shell's history."""
    if known := os.environ.get(variable):
        return known
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=new))
    return sys.stdin.readline().rstrip("\r\n")


def _what_is_wrong(setting: str, reason: str) -> str:
    return f"MP_{setting.upper()}: {reason.removeprefix('Value error, ')}"


def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """For a command with a result: stopped before its end, it has failed."""
    if run_until_stopped(work):
        raise typer.Exit(_INTERRUPTED)


def _say(line: str) -> None:
    print(line, flush=True)


def _leave(status: int, last_words: str = "") -> NoReturn:
    """Not by the interpreter's own end, where a thread of Temporal's native core may abort the process."""
    if last_words:
        print(last_words, file=sys.stderr)
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
