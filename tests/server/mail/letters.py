from domain.ids import new_id
from services.gateways import Letter, LetterKind

SENDER = "Media Planner <planner@example.com>"


def letter(to: str = "ada@example.com", *, subject: str = "Join Acme", text: str = "Hello Ada") -> Letter:
    return Letter(id=new_id(), kind=LetterKind.INVITATION, to=to, subject=subject, text=text)
