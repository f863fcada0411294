"""A server whose model never answers: there is a turn to be left unfinished when it is stopped."""

import asyncio

from langchain_core.messages import AIMessage

from agents.models import ChatModels
from server.api.serve import serve
from server.embedded.signals import run_until_stopped
from server.settings import Settings
from tests.agents.scripted import ScriptedModel

if __name__ == "__main__":
    model = ScriptedModel(steps=[AIMessage("never said")], gates={0: asyncio.Event()})
    run_until_stopped(serve(Settings(), tuple, ChatModels(model, None, "stuck")))
