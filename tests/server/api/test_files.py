"""Files over HTTP: brought in a form, fetched as they were, never shown, never larger than allowed."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from domain.ids import FileId, new_id
from domain.tenants import Role, Tenant
from domain.users import Email, User
from server.api.app import create_app
from server.bootstrap import System, bootstrap
from server.postgres.founding import enrol
from server.settings import Settings
from services.file_links import Allowance
from tests.server.api.conftest import NewPerson, Person, elsewhere
from tests.workbooks import bomb, workbook

CSV = b"channel,budget\nsearch,100000\n"


async def brought(person: Person, name: str = "plan.csv", data: bytes = CSV, **query: str) -> dict[str, Any]:
    answer = await person.http.post("files", files={"file": (name, data)}, params=query)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def token_of(person: Person, file_id: str) -> str:
    link = await person.http.post(f"files/{file_id}/link")
    assert link.status_code == 201, link.text
    return str(urlsplit(link.json()["url"]).path)


async def test_a_file_is_brought_found_fetched_and_removed(ada: Person) -> None:
    campaign = str((await ada.campaign())["id"])
    data = workbook(xl__sheet=bytes(range(256)) * 300)
    file = await brought(ada, "Größe 🌷.xlsx", data, campaign_id=campaign)
    assert (file["name"], file["size"], file["campaign_id"]) == ("Größe 🌷.xlsx", len(data), campaign)
    assert (file["purpose"], file["created_by"]) == ("upload", str(ada.actor.user_id))
    other = await brought(ada)
    listed = (await ada.http.get("files")).json()["items"]
    assert listed == [other, file]
    assert (await ada.http.get("files", params={"campaign_id": campaign})).json()["items"] == [file]
    assert (await ada.http.get(f"files/{file['id']}")).json() == file
    fetched = await ada.http.get(f"files/{file['id']}/content")
    assert fetched.content == data
    assert (await ada.http.delete(f"files/{file['id']}")).status_code == 204
    for path in ("", "/content"):
        gone = await ada.http.get(f"files/{file['id']}{path}")
        assert (gone.status_code, gone.json()["code"]) == (404, "file_not_found")


async def test_what_is_fetched_is_saved_and_never_shown(ada: Person, anonymous: httpx.AsyncClient) -> None:
    file = await brought(ada, "Größe%20;'.csv", b"<script>alert(1)</script>")
    for fetched in (
        await ada.http.get(f"files/{file['id']}/content"),
        await anonymous.get(await token_of(ada, file["id"])),
    ):
        assert fetched.status_code == 200
        headers = fetched.headers
        assert headers["Content-Disposition"] == (
            "attachment; filename=\"Gr__e_20;'.csv\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%2520%3B%27.csv"
        )
        assert headers["Content-Type"] == "text/csv; charset=utf-8"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Content-Length"] == str(len(fetched.content))
        assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("plan.xlsm", workbook(), 400, "file_type_not_allowed"),
        ("plan.xlsx", workbook(xl__vbaProject=b"x"), 400, "workbook_macros"),
        ("plan.xlsx", bomb(), 413, "zip_bomb"),
        ("plan.csv", b"", 400, "empty_file"),
        ("plan.json", b"MZ", 400, "file_content_mismatch"),
        ("a\u202efdp.csv", CSV, 400, "control_characters"),
    ],
)
async def test_what_is_refused_is_a_problem_with_its_field(
    ada: Person, name: str, data: bytes, status: int, code: str
) -> None:
    refused = await ada.http.post("files", files={"file": (name, data)})
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.json()["field"] in ("file", "name")
    assert (await ada.http.get("files")).json()["items"] == []


async def test_a_form_without_the_file_and_what_is_no_form(ada: Person) -> None:
    missing: list[dict[str, Any]] = [
        {"files": {"other": ("a.csv", CSV)}},
        {"json": {"file": "a"}},
        {"content": b"a,b"},
        {},
    ]
    for sent in missing:
        refused = await ada.http.post("files", **sent)
        assert (refused.status_code, refused.json()["code"]) == (400, "file_missing"), sent
    file = ("a.csv", CSV)
    more: list[dict[str, Any]] = [{"files": [("file", file)] * 2}, {"files": {"file": file}, "data": {"more": "x"}}]
    for sent in more:
        refused = await ada.http.post("files", **sent)
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_request"), sent


@pytest.fixture
async def narrow(settings: Settings) -> AsyncIterator[FastAPI]:
    """A product that takes 5,000 bytes a file."""
    small = settings.model_copy(update={"file_limit_bytes": 5_000, "file_quota_bytes": 9_000})
    async with bootstrap(small, sweeps=False) as system:
        yield create_app(system)


async def test_a_body_above_the_limit_is_refused_while_it_comes(ada: Person, narrow: FastAPI) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(10_000):
            taken += 1_000
            yield b"a" * 1_000

    headers = {"Authorization": f"Bearer {ada.token}"}
    base = f"http://api.test/api/v1/tenants/{ada.actor.tenant_id}/"
    async with httpx.AsyncClient(transport=elsewhere(narrow), base_url=base, headers=headers) as client:
        form = {"Content-Type": "multipart/form-data; boundary=x"}
        refused = await client.post("files", content=endless(), headers=form)
        assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
        assert taken < 150_000, "and no more than a little is taken after it"
        announced = await client.post("files", files={"file": ("a.csv", b"a" * 50_000)})
        assert (announced.status_code, announced.json()["code"]) == (413, "body_too_large")
        above = await client.post("files", files={"file": ("a.csv", b"a" * 5_001)})
        assert (above.status_code, above.json()["code"], above.json()["field"]) == (413, "file_too_large", "file")
        assert "Retry-After" not in above.headers
        assert (await client.post("files", files={"file": ("a.csv", b"a" * 5_000)})).status_code == 201
        full = await client.post("files", files={"file": ("a.csv", b"a" * 4_001)})
        assert (full.status_code, full.json()["code"]) == (413, "file_quota_spent")


async def test_a_large_body_is_taken_of_a_form_alone(ada: Person) -> None:
    large = b"a" * 200_000
    assert (await brought(ada, "a.csv", large))["size"] == len(large)
    sent: list[tuple[str, dict[str, Any]]] = [
        ("files", {"content": large}),
        ("campaigns", {"files": {"file": ("a.csv", large)}}),
    ]
    for path, body in sent:
        refused = await ada.http.post(path, **body)
        assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")


async def test_the_same_request_again_is_the_same_file(ada: Person) -> None:
    """Each form has boundaries of its own."""

    async def send(name: str = "plan.csv", data: bytes = CSV) -> str:
        answer = await ada.http.post("files", files={"file": (name, data)}, headers={"Idempotency-Key": "once"})
        return str(answer.json()["id"])

    first = await send()
    assert await send() == first
    assert len({first, await send(data=CSV + CSV), await send("other.csv")}) == 3
    assert await send() == first
    assert len((await ada.http.get("files")).json()["items"]) == 3


async def test_the_audit_says_who_brought_linked_and_removed_what(ada: Person) -> None:
    file = await brought(ada)
    await token_of(ada, file["id"])
    await ada.http.delete(f"files/{file['id']}")
    rows = (await ada.http.get("audit", params={"object_id": file["id"]})).json()["items"]
    assert [row["action"] for row in rows] == ["file.removed", "file.linked", "file.uploaded"]
    assert rows[2]["after"]["sha256"] == rows[0]["before"]["sha256"] == file["sha256"]


async def test_nobody_learns_of_anothers_file(person: NewPerson, ada: Person) -> None:
    file, bob = await brought(ada), await person()
    unknown = str(new_id())
    for method, path in (("GET", ""), ("GET", "/content"), ("POST", "/link"), ("DELETE", "")):
        answers = [await bob.http.request(method, f"files/{id}{path}") for id in (file["id"], unknown)]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].json()["detail"] == answers[1].json()["detail"]


async def test_a_link_works_without_a_token_until_the_person_is_out(
    ada: Person, system: System, anonymous: httpx.AsyncClient
) -> None:
    now = datetime.now(UTC)
    user = User.register(Email.of(f"{new_id()}@example.com"), "Ben", None, now)
    await enrol(system.connections.engine, Tenant(ada.actor.tenant_id, "Acme", now), user, Role.ANALYST, now)
    ben = {"Authorization": f"Bearer {system.tokens.issue(user.id, new_id())}"}
    file = (await ada.http.post("files", files={"file": ("a.csv", CSV)}, headers=ben)).json()
    link = (await ada.http.post(f"files/{file['id']}/link", headers=ben)).json()
    path = urlsplit(link["url"]).path
    assert (await anonymous.get(path)).content == CSV
    assert (await ada.http.delete(f"members/{user.id}")).status_code in (200, 204)
    refused = await anonymous.get(path)
    assert (refused.status_code, refused.json()["code"]) == (404, "tenant_not_found")
    query = text("SELECT details FROM security_log WHERE user_id = :id AND event = 'tenant_refused'")
    async with system.connections.engine.connect() as connection:
        logged = (await connection.execute(query, {"id": user.id})).all()
    assert [row.details["code"] for row in logged] == ["tenant_not_found"]


async def test_a_link_of_a_suspended_tenant_or_of_yesterday_opens_nothing(
    ada: Person, system: System, anonymous: httpx.AsyncClient
) -> None:
    file = await brought(ada)
    path = await token_of(ada, file["id"])
    past = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
    over = Allowance(ada.actor.tenant_id, FileId(new_id()), ada.actor.user_id, past)
    expired = await anonymous.get(f"/api/v1/files/{over.token(system.connections.secrets)}")
    assert (expired.status_code, expired.json()["code"]) == (403, "link_expired")
    for made_up in (path[:-1], path + "A", f"/api/v1/files/{'A' * 116}", "/api/v1/files/é"):
        unknown = await anonymous.get(made_up)
        assert (unknown.status_code, unknown.json()["code"]) == (404, "link_not_found"), made_up
    assert (await ada.http.post("suspend")).status_code == 200
    suspended = await anonymous.get(path)
    assert (suspended.status_code, suspended.json()["code"]) == (403, "tenant_suspended")


async def test_a_link_is_in_no_log(ada: Person, anonymous: httpx.AsyncClient, lines: io.StringIO) -> None:
    path = await token_of(ada, (await brought(ada))["id"])
    assert (await anonymous.get(path)).status_code == 200
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    request = [one for one in logged if one["event"] == "request"][-1]
    assert request["path"] == "/api/v1/files/…"
    assert request["tenant_id"] == str(ada.actor.tenant_id)
    assert path.rpartition("/")[2] not in lines.getvalue()


async def test_a_tenants_archive_has_its_files_and_an_erased_one_has_none(ada: Person, settings: Settings) -> None:
    file = await brought(ada)
    archive = (await ada.http.post("export")).content
    assert f"files/{file['id']}/plan.csv".encode() in archive
    folder = settings.home / "files" / str(ada.actor.tenant_id)
    assert [path.name for path in folder.iterdir()] == [file["id"]]
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    assert (await ada.http.post("erase", json={"name": "Acme"})).status_code == 200
    assert not folder.exists()


async def test_many_at_once_stay_within_the_quota(ada: Person, narrow: FastAPI) -> None:
    headers = {"Authorization": f"Bearer {ada.token}"}
    url = f"http://api.test/api/v1/tenants/{ada.actor.tenant_id}/files"
    async with httpx.AsyncClient(transport=elsewhere(narrow), headers=headers) as client:
        sent = [client.post(url, files={"file": ("a.csv", b"a" * 4_000)}) for _ in range(6)]
        answers = await asyncio.gather(*sent)
    assert sorted(one.status_code for one in answers) == [201, 201, 413, 413, 413, 413]
