"""The latest checkpoints that this process has written, for the turns that follow with nothing in between."""

from collections import OrderedDict

from langgraph.checkpoint.base import CheckpointTuple

MOST = 256  # conversations; a window is some ten kilobytes


class KeptCheckpoints:
    """By thread; the one that was asked for longest ago makes room. Whoever gets one may change it."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, CheckpointTuple] = OrderedDict()

    def keep(self, thread: str, written: CheckpointTuple) -> None:
        self._kept[thread] = copied(written)
        self._kept.move_to_end(thread)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def get(self, thread: str) -> CheckpointTuple | None:
        kept = self._kept.get(thread)
        if kept is None:
            return None
        self._kept.move_to_end(thread)
        return copied(kept)

    def forget(self, thread: str) -> None:
        self._kept.pop(thread, None)


def copied(of: CheckpointTuple) -> CheckpointTuple:
    """For somebody who may change it. Its messages are shared: nobody changes one that is in a state."""
    checkpoint = of.checkpoint.copy()
    checkpoint["channel_values"] = dict(checkpoint["channel_values"])
    checkpoint["channel_versions"] = dict(checkpoint["channel_versions"])
    checkpoint["versions_seen"] = {node: dict(seen) for node, seen in checkpoint["versions_seen"].items()}
    return of._replace(checkpoint=checkpoint)
