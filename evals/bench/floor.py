"""The floor: FastAPI, LangGraph and the stock saver, and nothing else. `python -m evals.bench.floor` serves it.

What one writes in an afternoon: no accounts, no lease, no journal, no event log, one message lost where two overlap. It
saves as cheaply as LangGraph can (`durability="exit"`).
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from langchain_core.messages import BaseMessage, HumanMessage
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.graph.state import CompiledStateGraph
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

from evals.bench.model import PacedChatModel

DATABASE_URL = "BENCH_DATABASE_URL"
PORT = "BENCH_PORT"

Chat = CompiledStateGraph[MessagesState, None, MessagesState, MessagesState]


class Said(BaseModel):
    message: str


def compiled(saver: AsyncPostgresSaver) -> Chat:
    model = PacedChatModel()

    async def answer(state: MessagesState) -> dict[str, list[BaseMessage]]:
        return {"messages": [await model.ainvoke(state["messages"])]}

    graph = StateGraph(MessagesState)
    graph.add_node("answer", answer)
    graph.add_edge(START, "answer")
    graph.add_edge("answer", END)
    return graph.compile(checkpointer=saver)


def create_app(database_url: str) -> FastAPI:
    chats: list[Chat] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with _pool(database_url) as pool:
            saver = AsyncPostgresSaver(pool)
            await saver.setup()
            chats.append(compiled(saver))
            yield

    app = FastAPI(lifespan=lifespan, telemetry={"tracing": False, "metrics": False, "logs": False})

    @app.get("/livez")
    async def alive() -> None:
        return None

    @app.post("/threads/{thread_id}/turns")
    async def post_turn(thread_id: str, said: Said) -> StreamingResponse:
        return StreamingResponse(_tokens(chats[0], thread_id, said.message), media_type="text/event-stream")

    return app


async def _tokens(chat: Chat, thread_id: str, message: str) -> AsyncIterator[str]:
    stream = chat.astream(
        {"messages": [HumanMessage(message)]},
        {"configurable": {"thread_id": thread_id}},
        stream_mode="messages",
        durability="exit",
    )
    async for chunk in stream:
        if text := _text(chunk):
            yield f"data: {json.dumps({'token': text})}\n\n"
    yield 'data: {"done": true}\n\n'


def _text(chunk: Any) -> str:
    message, _ = chunk
    return str(message.text)


def _pool(database_url: str) -> AsyncConnectionPool[AsyncConnection[DictRow]]:
    """As the saver's documentation has it."""
    options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    return AsyncConnectionPool(database_url, kwargs=options, max_size=20, open=False)


if __name__ == "__main__":
    uvicorn.run(create_app(os.environ[DATABASE_URL]), port=int(os.environ[PORT]), access_log=False, log_level="warning")
