from decimal import Decimal

import pytest

from domain.advertisers import Advertiser, AdvertiserTerms
from domain.channels import Channel
from domain.errors import DomainError, IllegalMove, InvalidInput
from domain.fees import Fee, FeeBasis, FeeKind
from domain.ids import TenantId, new_id
from domain.naming import NameParts
from domain.tracking import UtmDefaults
from tests.domain.plan_samples import ADA, NOW

SERVING = Fee(FeeKind.AD_SERVING, FeeBasis.PERCENT_OF_NET_MEDIA, Decimal(2))
FLAT = Fee(FeeKind.PRODUCTION, FeeBasis.FLAT, Decimal("1500.50"))


def northwind(terms: AdvertiserTerms | None = None) -> Advertiser:
    made, _ = Advertiser.create(TenantId(new_id()), " Northwind ", terms, by=ADA, now=NOW)
    return made


@pytest.mark.parametrize(
    ("wanted", "code", "field"),
    [
        ({"naming": "{advertiser}_{secret}"}, "unknown_naming_field", "naming"),
        ({"naming": "{advertiser"}, "bad_naming_pattern", "naming"),
        ({"agency_discount": Decimal(1)}, "bad_discount", "discount"),
        ({"agency_discount": Decimal("NaN")}, "bad_discount", "discount"),
        ({"currency": "XXY"}, "unknown_currency", "currency"),
        ({"currency": "JPY", "fees": (FLAT,)}, "too_precise", "fees"),
        ({"fees": (SERVING,) * 51}, "too_many_fees", "fees"),
    ],
)
def test_terms_that_break_a_rule_are_refused(wanted: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        AdvertiserTerms(**wanted)  # type: ignore[arg-type]
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_fees_of_money_are_of_the_advertisers_currency() -> None:
    terms = AdvertiserTerms((SERVING, FLAT), currency="EUR")
    assert terms.fees_in("EUR") == (SERVING, FLAT)
    with pytest.raises(InvalidInput) as refusal:
        terms.fees_in("USD")
    assert refusal.value.code == "currency_mismatch"
    assert AdvertiserTerms((SERVING,), currency="EUR").fees_in("USD") == (SERVING,)
    assert AdvertiserTerms((FLAT,)).fees_in("USD") == (FLAT,)


def test_a_change_says_what_changed_and_an_archived_one_stays_as_it_is() -> None:
    client = northwind()
    change = client.change(name="Contoso", terms=AdvertiserTerms((SERVING,), naming="{line}"))
    assert (client.name, client.version) == ("Contoso", 2)
    assert change.before == {"name": "Northwind", "fees": [], "naming": None}
    assert change.after == {
        "name": "Contoso",
        "fees": ["Ad serving: 2 percent of net media"],
        "naming": "{line}",
    }
    assert client.archive().action == "advertiser.archived"
    for act in (client.archive, lambda: client.change(name="Fabrikam"), client.must_be_active):
        with pytest.raises(IllegalMove):
            act()
    client.restore()
    with pytest.raises(DomainError):
        client.restore()


def test_a_link_says_what_the_advertiser_always_says() -> None:
    utm = UtmDefaults(source="northwind", term="brand").of(NameParts(campaign="Spring Sale"), Channel.SEARCH)
    assert utm.parameters == {
        "utm_source": "northwind",
        "utm_medium": "cpc",
        "utm_campaign": "spring-sale",
        "utm_term": "brand",
    }
    with pytest.raises(InvalidInput):
        UtmDefaults(medium="a\x00b")
