"""The API as it is served, with the capricious model. `python -m evals.nemesis.api` serves it."""

from agents.models import ChatModels
from evals.nemesis.model import CapriciousChatModel
from server.api.serve import serve
from server.embedded.signals import run_until_stopped
from server.settings import Settings

if __name__ == "__main__":
    run_until_stopped(serve(Settings(), tuple, ChatModels(CapriciousChatModel(), None, "capricious")))
