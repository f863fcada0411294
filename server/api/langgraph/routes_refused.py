"""What the SDKs could ask for and this API does not do: said so, with a stable code."""

from typing import NoReturn

from fastapi import APIRouter

from domain.errors import Unsupported
from server.api.auth import Acting
from server.api.langgraph.threads import TheThread

router = APIRouter(tags=["langgraph"])


@router.post("/runs", status_code=422, response_model=None)
async def refuse_stateless_run(actor: Acting) -> NoReturn:
    _without_thread()


@router.post("/runs/stream", status_code=422, response_model=None)
async def refuse_stateless_stream(actor: Acting) -> NoReturn:
    _without_thread()


@router.post("/runs/wait", status_code=422, response_model=None)
async def refuse_stateless_wait(actor: Acting) -> NoReturn:
    _without_thread()


@router.post("/runs/batch", status_code=422, response_model=None)
async def refuse_run_batch(actor: Acting) -> NoReturn:
    _without_thread()


@router.post("/threads/{thread_id}/copy", status_code=422, response_model=None)
async def refuse_thread_copy(thread: TheThread) -> NoReturn:
    raise Unsupported("Conversations are not copied.", code="unsupported_copy")


@router.patch("/threads/{thread_id}", status_code=422, response_model=None)
async def refuse_thread_update(thread: TheThread) -> NoReturn:
    raise Unsupported("Threads keep no metadata of clients.", code="unsupported_option", field="metadata")


@router.post("/threads/{thread_id}/state", status_code=422, response_model=None)
async def refuse_state_update(thread: TheThread) -> NoReturn:
    raise Unsupported("State comes of runs alone: say it in one.", code="unsupported_state_update")


@router.patch("/threads/{thread_id}/state", status_code=422, response_model=None)
async def refuse_state_patch(thread: TheThread) -> NoReturn:
    raise Unsupported("State comes of runs alone: say it in one.", code="unsupported_state_update")


def _without_thread() -> NoReturn:
    raise Unsupported("Every run belongs to a thread: create one first.", code="thread_required")
