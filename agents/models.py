"""Which chat model plays which role. The default needs no key and no network."""

from dataclasses import dataclass

from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel

from agents.offline.model import OfflineChatModel
from agents.pricing import FREE, Prices

OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class ChatModels:
    agents: BaseChatModel
    router: BaseChatModel | None  # None: an unclear message stays with, or starts at, an agent without asking
    name: str
    prices: Prices = FREE


def chat_models(
    name: str, *, base_url: str | None = None, api_key: str | None = None, prices: Prices = FREE
) -> ChatModels:
    """`offline`, or a provider's model as LangChain names it (`openai:gpt-5`); its package is an optional extra.

    Without `api_key` the provider's own environment variable is read.
    """
    if name == OFFLINE:
        return ChatModels(OfflineChatModel(), None, "offline rules")
    given = {key: value for key, value in {"base_url": base_url, "api_key": api_key}.items() if value}
    model: BaseChatModel = init_chat_model(name, **given)  # type: ignore[call-overload]  # forwards them as they are
    return ChatModels(model, model, name, prices)
