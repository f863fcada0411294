"""Letters: composed from what is true when they go out, sent until they arrive, and to nobody else."""

import logging
import re
from dataclasses import dataclass, replace

import pytest

from domain.delegations import DelegationKind
from domain.errors import Unavailable
from domain.ids import UserId, new_id
from domain.invitations import PasswordReset
from domain.tenants import Role, TenantSettings
from services.access_views import ApprovalView, InvitationView
from services.account_work import SecurityEventKind
from services.actor import Actor
from services.approvals import Decide
from services.correspondence import Correspondence
from services.gateways import Letter, LetterKind
from services.letters import Letters
from services.members import Invite
from services.passwords import RESET
from services.ports import WakeupKind
from tests.fakes.account_work import InMemoryAccounts
from tests.fakes.audit import InMemoryAudit
from tests.fakes.post import InMemoryPost
from tests.fakes.recipients import InMemoryRecipients
from tests.fakes.wakeups import InMemoryWakeups
from tests.services.approval_world import APPROVE, CONDITIONS, DENY, Workspace, launch, workspace
from tests.services.conftest import InMemory
from tests.services.house import SECRETS

ADDRESS = "https://planner.example"


class FalteringPost(InMemoryPost):
    """Away for the next so many letters."""

    failing = 0

    async def send(self, letter: Letter) -> None:
        if self.failing:
            self.failing -= 1
            raise Unavailable("The letter could not be sent: the post is away.", code="post_away")
        await super().send(letter)


@dataclass(frozen=True)
class Office:
    """Where letters are written and carried, over a workspace of people who ask and decide."""

    memory: InMemory
    house: Workspace
    accounts: InMemoryAccounts
    post: FalteringPost
    correspondence: Correspondence

    async def delivered(self) -> list[Letter]:
        """What goes out in one sweep."""
        before = len(self.post.letters)
        await self.correspondence.deliver_due()
        return self.post.letters[before:]

    async def invite(self, email: str = "bob@example.com", role: Role = Role.ANALYST) -> InvitationView:
        return await self.house.members.invite(self.house.owner, Invite(email=email, role=role))

    async def asked(self, by: Actor | None = None) -> ApprovalView:
        campaign = await self.house.ready_campaign()
        return await self.house.waits(by or await self.house.colleague(Role.PLANNER, name="Pia"), launch(campaign))

    async def reset(self) -> PasswordReset:
        id, now = new_id(), self.memory.clock.now()
        token = SECRETS.digest(SECRETS.token(RESET, id))
        async with self.accounts() as work:
            work.password_resets.add(made := PasswordReset.write(id, self.house.owner.user_id, token, now))
            await work.wake(WakeupKind.PASSWORD_RESET_MAIL, id, now)
            await work.commit()
        return made

    def address_of(self, user_id: UserId) -> str:
        return str(self.memory.database.rows["users"][user_id,].email)

    def waiting(self) -> list[WakeupKind]:
        kinds = [wakeup.kind for wakeup in self.memory.database.rows["wakeups"].values()]
        return [kind for kind in kinds if kind not in (WakeupKind.AUDIT_SEAL, WakeupKind.APPROVAL)]


@pytest.fixture
async def office(memory: InMemory) -> Office:
    wakeups, post = InMemoryWakeups(memory.database, memory.clock), FalteringPost()
    accounts = InMemoryAccounts(memory.database)
    correspondence = Correspondence(
        memory.begin,
        accounts,
        wakeups,
        InMemoryRecipients(memory.database),
        InMemoryAudit(memory.database),
        post,
        Letters(SECRETS, ADDRESS),
        memory.clock,
    )
    house = workspace(memory, wakeups, await memory.new_actor())
    return Office(memory, house, accounts, post, correspondence)


def link(letter: Letter) -> tuple[str, str]:
    found = re.search(rf"^{ADDRESS}/#(\w+)=(\S+)$", letter.text, re.M)
    assert found, letter.text
    return found[1], found[2]


async def test_an_invitation_goes_to_whom_it_invites_with_a_link_that_opens(office: Office) -> None:
    invitation = await office.invite()
    (letter,) = await office.delivered()
    assert (letter.kind, letter.to, letter.subject) == (
        LetterKind.INVITATION,
        "bob@example.com",
        "Ada invites you to Acme",
    )
    assert "as an analyst" in letter.text
    assert "8 March 2026, 12:00 UTC" in letter.text
    kind, token = link(letter)
    assert kind == "invitation"
    tenant_id = office.house.owner.tenant_id
    stored = office.memory.database.rows["invitations"][tenant_id, invitation.id]
    assert SECRETS.digest(token) == stored.token_digest
    assert office.waiting() == []
    assert await office.delivered() == []


@pytest.mark.parametrize("settled", ["revoked", "expired", "replaced"])
async def test_an_invitation_that_is_no_good_any_more_is_not_sent(office: Office, settled: str) -> None:
    invitation = await office.invite()
    if settled == "revoked":
        await office.house.members.revoke_invitation(office.house.owner, invitation.id)
    elif settled == "expired":
        office.memory.clock.advance(days=7)
    else:
        await office.invite(role=Role.VIEWER)
    assert [letter.text.count("as a viewer") for letter in await office.delivered()] == [1] * (settled == "replaced")
    assert office.waiting() == []


async def test_a_link_for_a_new_password(office: Office) -> None:
    made = await office.reset()
    (letter,) = await office.delivered()
    assert (letter.kind, letter.to) == (LetterKind.PASSWORD_RESET, office.address_of(office.house.owner.user_id))
    kind, token = link(letter)
    assert (kind, SECRETS.digest(token)) == ("reset", made.token_digest)
    assert "1 March 2026, 12:30 UTC" in letter.text
    assert office.waiting() == []


async def test_a_link_that_is_over_is_not_sent(office: Office) -> None:
    await office.reset()
    office.memory.clock.advance(minutes=30)
    assert await office.delivered() == []
    assert office.waiting() == []


async def test_an_approval_is_asked_of_everybody_who_could_give_it(office: Office) -> None:
    eve = await office.house.colleague(Role.ADMIN, 100_000, name="Eve")
    await office.house.colleague(Role.ADMIN, 99_999, name="Too little")
    await office.house.colleague(Role.ADMIN, None, name="No delegation")
    await office.house.colleague(Role.PLANNER, 500_000, name="No right")
    await office.house.colleague(Role.ADMIN, 500_000, name="Acts only", kind=DelegationKind.EXECUTE_ONLY)
    approval = await office.asked()
    letters = await office.delivered()
    assert {letter.to for letter in letters} == {
        office.address_of(eve.user_id),
        office.address_of(office.house.owner.user_id),
    }
    for letter in letters:
        assert letter.kind is LetterKind.APPROVAL_ASKED
        assert letter.subject == "Your approval is asked for: Launch “Spring” for 100,000.00 USD"
        assert "Pia asks for an approval in Acme" in letter.text
        assert link(letter) == ("approval", str(approval.id))
    assert len({letter.id for letter in letters}) == 2


@pytest.mark.parametrize(("limit", "told"), [(0, False), (9_999_999, False), (10_000_000, True)])
async def test_who_asked_is_asked_only_within_what_they_may_decide_alone(
    office: Office, limit: int, told: bool
) -> None:
    await office.house.settle_for(TenantSettings(self_approval_limit_minor=limit))
    asker = await office.house.colleague(Role.ADMIN, 100_000, name="Eve")
    campaign = await office.house.ready_campaign()
    await office.house.approvals.ask(asker, launch(campaign))
    addresses = {letter.to for letter in await office.delivered()}
    assert (office.address_of(asker.user_id) in addresses) is told
    assert office.address_of(office.house.owner.user_id) in addresses


@pytest.mark.parametrize(
    ("verdict", "subject", "words"),
    [
        (APPROVE, "Approved: Launch", "Ada decided on your request"),
        (DENY, "Denied: Launch", "Not this quarter."),
        (CONDITIONS, "Conditions: Launch", "- budget: at most 50,000 USD (The client cut it.)"),
    ],
    ids=["approved", "denied", "conditions"],
)
async def test_who_asked_hears_what_was_decided(office: Office, verdict: Decide, subject: str, words: str) -> None:
    pia = await office.house.colleague(Role.PLANNER, name="Pia")
    approval = await office.asked(pia)
    await office.house.approvals.decide(office.house.owner, approval.id, verdict)
    (letter,) = await office.delivered()
    assert (letter.kind, letter.to) == (LetterKind.APPROVAL_DECIDED, office.address_of(pia.user_id))
    assert letter.subject.startswith(subject)
    assert words in letter.text
    assert link(letter) == ("approval", str(approval.id))
    assert office.waiting() == []


async def test_what_was_withdrawn_is_asked_of_nobody(office: Office) -> None:
    pia = await office.house.colleague(Role.PLANNER, name="Pia")
    approval = await office.asked(pia)
    await office.house.approvals.withdraw(pia, approval.id)
    assert await office.delivered() == []
    assert office.waiting() == []


async def test_who_has_left_hears_nothing(office: Office) -> None:
    pia = await office.house.colleague(Role.PLANNER, name="Pia")
    approval = await office.asked(pia)
    await office.delivered()
    await office.house.approvals.decide(office.house.owner, approval.id, DENY)
    await office.house.members.remove(office.house.owner, pia.user_id)
    assert await office.delivered() == []


async def test_while_the_post_is_away_letters_wait_longer_and_longer(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.invite()
    office.post.away = True
    pauses, clock = [], office.memory.clock
    with caplog.at_level(logging.WARNING):
        for _ in range(12):
            await office.delivered()
            (due,) = [w.due_at for w in office.memory.database.rows["wakeups"].values() if "mail" in w.kind]
            pauses.append((due - clock.now()).total_seconds())
            clock.advance(seconds=pauses[-1])
    assert pauses == [10, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    assert set(caplog.messages) == {"a letter has to wait"}
    office.post.away = False
    assert len(await office.delivered()) == 1
    assert office.waiting() == []


async def test_a_letter_that_goes_out_again_has_the_same_id(office: Office) -> None:
    """The one of two that could be sent goes twice."""
    await office.house.colleague(Role.ADMIN, 100_000, name="Eve")
    await office.asked()
    office.post.failing = 1
    assert len(await office.delivered()) == 1
    office.memory.clock.advance(seconds=10)
    assert len(await office.delivered()) == 2
    assert len({letter.id for letter in office.post.letters}) == 2
    assert office.waiting() == []


async def test_what_cannot_be_delivered_is_noted_once_and_left(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    invitation = await office.invite("nobody@example.com")
    office.post.unknown = {"nobody@example.com"}
    assert await office.delivered() == []
    assert office.waiting() == []
    rows = InMemoryAudit(office.memory.database).rows(office.house.owner.tenant_id)
    (note,) = [row for row in rows if row.action == "letter.undeliverable"]
    assert (note.object_id, note.after) == (invitation.id, {"letter": "invitation", "code": "undeliverable"})
    assert "nobody@example.com" not in caplog.text


async def test_an_account_whose_letter_cannot_be_delivered_is_in_the_security_log(office: Office) -> None:
    await office.reset()
    office.post.unknown = {office.address_of(office.house.owner.user_id)}
    assert await office.delivered() == []
    (event,) = office.accounts.events
    assert (event.kind, event.user_id) == (SecurityEventKind.LETTER_UNDELIVERABLE, office.house.owner.user_id)
    assert office.waiting() == []


async def test_more_letters_than_one_claim_takes_go_out_in_one_sweep(office: Office) -> None:
    for number in range(25):
        await office.invite(f"guest-{number}@example.com")
    assert len(await office.delivered()) == 25


async def test_one_letter_that_breaks_does_not_keep_the_others(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    broken = await office.invite("bob@example.com")
    rows, key = office.memory.database.rows["invitations"], (office.house.owner.tenant_id, broken.id)
    rows[key] = replace(rows[key], expires_at=None)
    await office.invite("cid@example.com")
    assert [letter.to for letter in await office.delivered()] == ["cid@example.com"]
    assert "a letter failed" in caplog.messages
    assert office.waiting() == [WakeupKind.INVITATION_MAIL]
