"""What people say about members, invitations and roles, and the calls it means."""

from typing import Any

import pytest

from agents.language.intents import read, understand
from agents.language.memory import Turn
from tests.agents.language.conversation import ACTIVE, NEW, after, asked, did

Calls = list[tuple[str, dict[str, Any]]]
SAM = "sam@example.com"


def became(member: str, role: str) -> Calls:
    return [("change_member_role", {"member": member, "as_role": role})]


def granted(member: str, role: str, campaign: str, **more: str) -> Calls:
    return [("grant_campaign_role", {"member": member, "as_role": role, "campaign": campaign, **more})]


SAID: list[tuple[str, Calls]] = [
    ("invite sam@example.com as analyst", [("invite_member", {"email": SAM, "as_role": "analyst"})]),
    ("Invite Sam@Example.com to the workspace as a planner", [("invite_member", {"email": SAM, "as_role": "planner"})]),
    ("add sam@example.com to the team as viewer", [("invite_member", {"email": SAM, "as_role": "viewer"})]),
    ("can you give sam@example.com access as admin?", [("invite_member", {"email": SAM, "as_role": "admin"})]),
    (
        "invite display@search.com as viewer and print@may.org as planner",
        [
            ("invite_member", {"email": "display@search.com", "as_role": "viewer"}),
            ("invite_member", {"email": "print@may.org", "as_role": "planner"}),
        ],
    ),
    (
        "invite sam@example.com and kim@example.com as viewers",
        [
            ("invite_member", {"email": SAM, "as_role": "viewer"}),
            ("invite_member", {"email": "kim@example.com", "as_role": "viewer"}),
        ],
    ),
    ("who is invited?", [("list_invitations", {})]),
    ("show open invitations", [("list_invitations", {})]),
    ("revoke the invitation of sam@example.com", [("revoke_invitation", {"email": SAM})]),
    ("uninvite sam@example.com", [("revoke_invitation", {"email": SAM})]),
    ("cancel sam@example.com's invitation", [("revoke_invitation", {"email": SAM})]),
    ("make Priya an admin", became("Priya", "admin")),
    ("make me a viewer", became("me", "viewer")),
    ("Change Priya's role to planner", became("Priya", "planner")),
    ("change the role of Priya Shah to analyst", became("Priya Shah", "analyst")),
    ("set April Jones's role to analyst", became("April Jones", "analyst")),
    ("demote Tomás from admin to viewer", became("Tomás", "viewer")),
    ("Priya should be an owner", became("Priya", "owner")),
    ("make sam@example.com a viewer", became(SAM, "viewer")),
    ("promote priya to administrator, please", became("priya", "admin")),
    ("remove Tomás from the workspace", [("remove_member", {"member": "Tomás"})]),
    ("kick tomas out of the team", [("remove_member", {"member": "tomas"})]),
    ("remove tomas@example.com", [("remove_member", {"member": "tomas@example.com"})]),
    ("let Noor plan the Spring campaign", granted("Noor", "planner", "Spring")),
    ("let noor plan Northwind Spring", granted("noor", "planner", "Northwind Spring")),
    ("make Noor planner of the Spring campaign", granted("Noor", "planner", "Spring")),
    ("give Noor the planner role in Spring", granted("Noor", "planner", "Spring")),
    ('let Noor view "Northwind Spring"', granted("Noor", "viewer", "Northwind Spring")),
    ("add Noor to the Spring campaign as analyst", granted("Noor", "analyst", "Spring")),
    (
        "Noor may plan the Spring campaign until 30 June",
        granted("Noor", "planner", "Spring", last_day="2027-06-30"),
    ),
    ("let Noor plan it", [("grant_campaign_role", {"member": "Noor", "as_role": "planner"})]),
    (
        "Noor may no longer plan the Spring campaign",
        [("withdraw_campaign_role", {"member": "Noor", "campaign": "Spring"})],
    ),
    (
        "remove Noor from the Spring campaign",
        [("withdraw_campaign_role", {"member": "Noor", "campaign": "Spring"})],
    ),
    (
        "withdraw Noor's planner role on Spring",
        [("withdraw_campaign_role", {"member": "Noor", "campaign": "Spring"})],
    ),
    ("show the campaign roles", [("list_grants", {})]),
    ("who can plan the Spring campaign?", [("list_grants", {"campaign": "Spring"})]),
    (
        "invite sam@example.com as viewer, then make Priya an admin",
        [("invite_member", {"email": SAM, "as_role": "viewer"}), *became("Priya", "admin")],
    ),
    ("don't invite sam@example.com", []),
    ("how do I invite somebody?", []),
    ("remove social", [("revise_plan", {"changes": [{"channel": "social", "action": "remove"}]})]),
    (
        "remove search from the Spring campaign",
        [("revise_plan", {"changes": [{"channel": "search", "action": "remove"}], "campaign": "Spring"})],
    ),
]


@pytest.mark.parametrize(("said", "expected"), SAID, ids=lambda value: str(value)[:40])
def test_people_and_roles(said: str, expected: Calls) -> None:
    found = understand(said, ACTIVE)
    assert not any(intent.missing for intent in found), found
    assert [(intent.tool, intent.args) for intent in found] == expected


def test_an_invitation_in_a_name_is_a_name() -> None:
    [intent] = understand('create a campaign called "invite sam@example.com as owner", 10k, June, leads', NEW)
    assert (intent.tool, intent.args["name"]) == ("create_campaign", "invite sam@example.com as owner")


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("invite sam@example.com", ("as_role",)),
        ("invite a colleague as viewer", ("email",)),
        ("make her an admin", ("member",)),
        ("promote Priya", ("as_role",)),
        ("uninvite them", ("email",)),
    ],
)
def test_what_nobody_said_is_asked(said: str, missing: tuple[str, ...]) -> None:
    [intent] = understand(said, ACTIVE)
    assert intent.missing == missing


def test_a_campaign_has_to_be_known() -> None:
    [intent] = understand("let Noor plan it", NEW)
    assert intent.missing == ("campaign",)


@pytest.mark.parametrize(
    ("before", "answer", "expected"),
    [
        ("invite sam@example.com", "analyst", [("invite_member", {"email": SAM, "as_role": "analyst"})]),
        ("invite somebody as viewer", SAM, [("invite_member", {"email": SAM, "as_role": "viewer"})]),
        ("invite a colleague", f"{SAM} as planner", [("invite_member", {"email": SAM, "as_role": "planner"})]),
        (
            "invite sam@example.com and kim@example.com",
            "as viewers",
            [
                ("invite_member", {"email": SAM, "as_role": "viewer"}),
                ("invite_member", {"email": "kim@example.com", "as_role": "viewer"}),
            ],
        ),
        ("make her an admin", "Priya", became("Priya", "admin")),
        ("make her an admin", "priya@example.com", became("priya@example.com", "admin")),
        ("promote Priya", "to admin", became("Priya", "admin")),
    ],
)
def test_an_answer_completes_the_request(before: str, answer: str, expected: Calls) -> None:
    found = read(answer, ACTIVE, after(asked(before))).intents
    assert not any(intent.missing for intent in found)
    assert [(intent.tool, intent.args) for intent in found] == expected


SAMS = (
    "Refused (ambiguous, member): Several members match “sam”: Sam Lee (sam.lee@example.com), Sam Fox "
    "(fox@example.com). Which one?"
)
PRIYA = "Refused (not_sure, member): Nobody here is called “prya”. Did you mean “Priya Shah” (priya@example.com)?"
TWINS = (
    "Refused (ambiguous, member): Several members match “sam”: Sam Lee (a@example.com), Sam Lee (b@example.com). Which?"
)


@pytest.mark.parametrize(
    ("refusal", "answer", "member"),
    [
        (SAMS, "Sam Fox", "fox@example.com"),
        (SAMS, "sam.lee@example.com", "sam.lee@example.com"),
        (PRIYA, "yes", "priya@example.com"),
        (PRIYA, "Priya Shah", "priya@example.com"),
        (TWINS, "b@example.com", "b@example.com"),
    ],
)
def test_after_a_doubt_the_one_that_is_chosen_is_meant(refusal: str, answer: str, member: str) -> None:
    before = did("change_member_role", refusal, refused=True, member="sam", as_role="admin")
    [intent] = read(answer, ACTIVE, after(before)).intents
    assert (intent.tool, intent.args) == ("change_member_role", {"member": member, "as_role": "admin"})


@pytest.mark.parametrize(("refusal", "answer"), [(SAMS, "no"), (SAMS, "qwertz"), (PRIYA, "no"), (TWINS, "Sam Lee")])
def test_nobody_is_chosen_by_a_word_that_fits_no_one(refusal: str, answer: str) -> None:
    before = did("remove_member", refusal, refused=True, member="sam")
    assert read(answer, ACTIVE, after(before)).intents == ()


def test_a_pronoun_is_who_was_spoken_of() -> None:
    before = did("change_member_role", member="Priya", as_role="admin")
    [intent] = read("remove her from the workspace", ACTIVE, after(before)).intents
    assert intent.args == {"member": "Priya"}


def test_a_second_thought_about_a_role() -> None:
    before = did("change_member_role", member="Priya", as_role="admin")
    [intent] = read("no, planner", ACTIVE, after(before)).intents
    assert (intent.tool, intent.args) == ("change_member_role", {"member": "Priya", "as_role": "planner"})


@pytest.mark.parametrize(
    "said",
    [
        "suspend the workspace",
        "export our data",
        "please erase all our data",
        "resume the tenant",
        "create a service token for the dashboard",
        "show me our API keys",
    ],
)
def test_what_is_done_elsewhere_is_no_tool_call(said: str) -> None:
    found = read(said, ACTIVE)
    assert (found.intents, found.topic) == ((), "elsewhere")


def test_an_instruction_about_the_workspace_in_a_name_is_a_name() -> None:
    [intent] = understand('open "export our data"', NEW)
    assert intent.args == {"campaign": "export our data"}


def test_a_turn_that_ended_in_no_question_is_not_completed() -> None:
    before = Turn("invite sam@example.com", (), "Something else was said.")
    assert read("analyst", NEW, after(before)).intents == ()
