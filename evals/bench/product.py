"""The product as `mediaplanner run` serves it, with another chat model. `python -m evals.bench.product` serves it."""

from agents.models import ChatModels
from evals.bench.model import PacedChatModel
from server.api.serve import serve
from server.embedded.signals import run_until_stopped
from server.settings import Settings

if __name__ == "__main__":
    model = PacedChatModel()
    run_until_stopped(serve(Settings(), tuple, ChatModels(model, model, "paced")))
