"""What the product writes to people: plain text, with one link that leads back to it.

Names and reasons in it come from people, amounts and titles from what is stored; no model has a part in it.
"""

from datetime import UTC, datetime
from uuid import UUID, uuid5

from domain.approvals import ApprovalStatus
from domain.invitations import Invitation, PasswordReset
from domain.users import Email, User
from services.access_views import ApprovalView
from services.gateways import Letter, LetterKind, Secrets
from services.invitations import invitation_token
from services.passwords import RESET

_NAMESPACE = UUID("5d0c1d06-63a3-4d8e-9ff2-1f5d3a1c7a55")
_VERDICTS = {
    ApprovalStatus.DENIED: "Denied",
    ApprovalStatus.CONDITIONS: "Conditions",
    ApprovalStatus.FAILED: "Approved, but not done",
}

_INVITATION = """\
Hello,

{by} invites you to work in {tenant}, as {role}.

Accept the invitation here, until {until}:

{link}

The link is for you alone. If you did not expect it, do nothing: it ends by itself.
"""
_RESET = """\
Hello {name},

somebody, probably you, asked for a new password for this address.

Set one here, until {until}:

{link}

If it was not you, do nothing: your password stays as it is.
"""
_ASKED = """\
Hello {name},

{requester} asks for an approval in {tenant}:

  {title}

Decide here, until {until}:

{link}

What you see there is what will be done, exactly. Request {id}.
"""
_DECIDED = """\
Hello {name},

{decider} decided on your request in {tenant}:

  {title}
  {verdict}
{grounds}
See it here:

{link}
"""


class Letters:
    """`address` is where people reach the page. One-time tokens are derived here; outside of letters there are none."""

    def __init__(self, secrets: Secrets, address: str) -> None:
        self._secrets = secrets
        self._address = address

    def invitation(self, invitation: Invitation, tenant: str, by: str) -> Letter:
        token = invitation_token(self._secrets, invitation.tenant_id, invitation.id)
        text = _INVITATION.format(
            by=by,
            tenant=tenant,
            role=_with_article(invitation.role),
            until=_moment(invitation.expires_at),
            link=self._link(f"invitation={token}"),
        )
        subject = f"{by} invites you to {tenant}"
        return _letter(LetterKind.INVITATION, invitation.id, invitation.email, subject, text)

    def password_reset(self, reset: PasswordReset, user: User) -> Letter:
        link = self._link(f"reset={self._secrets.token(RESET, reset.id)}")
        text = _RESET.format(name=user.name, until=_moment(reset.expires_at), link=link)
        return _letter(LetterKind.PASSWORD_RESET, reset.id, user.email, "Set a new password", text)

    def approval_asked(self, approval: ApprovalView, tenant: str, to: User) -> Letter:
        text = _ASKED.format(
            name=to.name,
            requester=approval.requester,
            tenant=tenant,
            title=approval.title,
            until=_moment(approval.expires_at),
            link=self._link(f"approval={approval.id}"),
            id=approval.id,
        )
        subject = f"Your approval is asked for: {approval.title}"
        return _letter(LetterKind.APPROVAL_ASKED, approval.id, to.email, subject, text)

    def approval_decided(self, approval: ApprovalView, tenant: str, to: User) -> Letter:
        verdict = _VERDICTS.get(approval.status, "Approved")
        text = _DECIDED.format(
            name=to.name,
            decider=approval.decider,
            tenant=tenant,
            title=approval.title,
            verdict=verdict,
            grounds=_grounds(approval),
            link=self._link(f"approval={approval.id}"),
        )
        return _letter(LetterKind.APPROVAL_DECIDED, approval.id, to.email, f"{verdict}: {approval.title}", text)

    def _link(self, fragment: str) -> str:
        """What follows the # stays in the browser: no server on the way sees it, nor any log."""
        return f"{self._address}/#{fragment}"


def _letter(kind: LetterKind, id: UUID, to: Email, subject: str, text: str) -> Letter:
    return Letter(
        id=uuid5(_NAMESPACE, f"{kind}:{id}:{to}"),
        kind=kind,
        to=to.address,
        subject=subject,
        text=text,
    )


def _grounds(approval: ApprovalView) -> str:
    lines = [f"  {approval.reason}"] if approval.reason else []
    if approval.status is ApprovalStatus.FAILED:
        lines.append(f"  It does not fit any more: {approval.outcome}")
    lines += [f"  - {one.field}: {one.required} ({one.reason})" for one in approval.conditions]
    return "".join(f"\n{line}\n" if not place else f"{line}\n" for place, line in enumerate(lines))


def _with_article(role: str) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"


def _moment(at: datetime) -> str:
    there = at.astimezone(UTC)
    return f"{there.day} {there:%B %Y, %H:%M} UTC"
