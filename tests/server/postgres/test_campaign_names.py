"""How near a name is to what was said."""

import pytest

from domain.ids import CampaignId, new_id
from server.postgres.campaign_names import nearest
from services.queries import CampaignMatch


def named(*names: str, archived: bool = False) -> list[CampaignMatch]:
    return [CampaignMatch(id=CampaignId(new_id()), name=name, score=0, archived=archived) for name in names]


NAMES = ("Spring Sale 2026", "Spring Launch", "Summer Splash", "Été à Paris", "A", "חגים 2026", "🚀 Rocket")


@pytest.mark.parametrize(
    ("said", "best"),
    [
        ("summer splash", "Summer Splash"),
        ("splash summer", "Summer Splash"),
        ("smmer splsh", "Summer Splash"),
        ("the spring sale campaign", "Spring Sale 2026"),
        ("spring sale", "Spring Sale 2026"),
        ("ete a paris", "Été à Paris"),
        ("a", "A"),
        ("חגים", "חגים 2026"),
        ("🚀 rocket", "🚀 Rocket"),
    ],
)
def test_the_best_name_comes_first(said: str, best: str) -> None:
    assert nearest(said, named(*NAMES))[0].name == best


def test_only_the_same_name_scores_one() -> None:
    scores = {match.name: match.score for match in nearest("SPRING  sale", named("Spring Sale", "Spring Sale 2026"))}
    assert scores["Spring Sale"] == 1
    assert 0.6 <= scores["Spring Sale 2026"] < 1


def test_a_word_that_two_names_share_scores_them_alike() -> None:
    first, second = nearest("spring", named("Spring Sale 2026", "Spring Launch"))
    assert first.score == second.score < 1


@pytest.mark.parametrize("said", ["quarterly review", "zzz", "", "   ", "de"])
def test_what_is_like_no_name_finds_none(said: str) -> None:
    assert nearest(said, named(*NAMES)) == []


def test_of_equal_names_the_one_in_use_comes_first() -> None:
    first, second = nearest("sale", [*named("Sale", archived=True), *named("Sale")])
    assert (first.archived, second.archived) == (False, True)
