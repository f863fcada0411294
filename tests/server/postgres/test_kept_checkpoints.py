"""Only so many are kept, and those that are asked for stay."""

from langgraph.checkpoint.base import CheckpointTuple, empty_checkpoint

from server.postgres.kept_checkpoints import KeptCheckpoints


def written(name: str) -> CheckpointTuple:
    return CheckpointTuple({"configurable": {"thread_id": name}}, empty_checkpoint(), {})


def test_the_one_that_nobody_has_asked_for_makes_room() -> None:
    kept = KeptCheckpoints(most=2)
    for name in ("one", "two"):
        kept.keep(name, written(name))
    assert kept.get("one")
    kept.keep("three", written("three"))
    assert [name for name in ("one", "two", "three") if kept.get(name)] == ["one", "three"]


def test_one_that_is_forgotten_is_gone() -> None:
    kept = KeptCheckpoints()
    kept.keep("one", written("one"))
    kept.forget("one")
    kept.forget("one")
    assert kept.get("one") is None
