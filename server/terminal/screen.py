"""What a person sees of a conversation, event by event. On a terminal answers grow as they are written."""

import sys

from rich.console import Console, RenderableType
from rich.live import Live
from rich.markdown import Markdown

from server.terminal.client import Event
from server.terminal.prompt import Prompt
from server.terminal.rendering import approval_status, block, job_line, plain

_FRAMES_PER_SECOND = 12
_WITHOUT_WORDS = frozenset({"withdrawn", "expired"})  # of an approval: with the others a block comes, which says more


class Screen:
    """`echo` shows what people wrote, too: for a conversation that is replayed, or written into a file.

    While somebody types at the `prompt`, everything is said above their line.
    """

    def __init__(self, console: Console, *, echo: bool, prompt: Prompt | None = None) -> None:
        self.console = console
        self.echo = echo
        self._prompt = prompt
        self._texts: dict[str, str] = {}
        self._live: Live | None = None

    def show(self, event: Event) -> None:
        match event.type:
            case "TEXT_MESSAGE_START":
                self._texts[event.data["messageId"]] = ""
            case "TEXT_MESSAGE_CONTENT":
                self._grow(event.data["messageId"], event.data["delta"])
            case "TEXT_MESSAGE_END":
                self._end_text(event.data["messageId"])
            case "TOOL_CALL_START":
                self._tool(event.data["toolCallName"])
            case "ACTIVITY_SNAPSHOT":
                self.say(block(event.data["content"]))
            case "RUN_FINISHED":
                self._finished(event)
            case "RUN_ERROR":
                self.say(plain(f"{event.data['message']} ({event.data['code']})"), style="red")
            case "CUSTOM":
                self._custom(event)

    def say(self, content: RenderableType, *, style: str | None = None) -> None:
        """Ends a text that is being written: what stands above it on a terminal can't change any more."""
        self.stop()
        if self._prompt:
            self._prompt.make_room()
        self.console.print(content, style=style, highlight=False, markup=False)
        if self._prompt:
            self._prompt.restore()

    def stop(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def _grow(self, message_id: str, delta: str) -> None:
        text = self._texts[message_id] = self._texts.get(message_id, "") + delta
        if not self.console.is_terminal or (self._prompt and self._prompt.waiting):
            return
        if self._live is None:
            self._live = Live(console=self.console, refresh_per_second=_FRAMES_PER_SECOND)
            self._live.start()
        self._live.update(_formatted(text))

    def _end_text(self, message_id: str) -> None:
        text = self._texts.pop(message_id, "")
        if self._live:
            self._live.update(_formatted(text), refresh=True)
            self.stop()
        elif text:
            self.say(_formatted(text) if self.console.is_terminal else plain(text))

    def _tool(self, name: str) -> None:
        """Handing over is the agents' own affair."""
        if not name.startswith("transfer_to_"):
            self.say(plain(f"· {name.replace('_', ' ')}"), style="dim")

    def _finished(self, event: Event) -> None:
        outcome = event.data.get("outcome") or {}
        if outcome.get("type") == "interrupt":
            self.say(plain("· waiting for approval; go on meanwhile"), style="yellow")

    def _custom(self, event: Event) -> None:
        if job := event.custom("job"):
            self.say(job_line(job), style="cyan")
        elif (approval := event.custom("approval")) and approval["status"] in _WITHOUT_WORDS:
            self.say(plain(f"{approval['title']}: {approval_status(approval['status'])}"), style="cyan")
        elif (said := event.custom("user_message")) and self.echo:
            named = "".join(f" [{file['name']}]" for file in said.get("files", ()))
            self.say(plain(f"› {said['text']}{named}"), style="bold")
        elif restarted := event.custom("text_restarted"):
            self.stop()
            self._texts[str(restarted["messageId"])] = ""


def open_console() -> Console:
    """Of the terminal's width; in a file lines are as long as they are."""
    return Console(soft_wrap=not sys.stdout.isatty())


def _formatted(text: str) -> Markdown:
    return Markdown(plain(text).plain)
