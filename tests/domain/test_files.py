"""Names of files, and what a tenant may keep."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput, TooLarge
from domain.files import LONGEST_NAME, Contents, FileKind, FileName, FilePurpose, StoredFile, must_fit
from domain.ids import FileId, TenantId, UserId, new_id

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "kept", "kind"),
    [
        ("plan.xlsx", "plan.xlsx", FileKind.XLSX),
        ("PLAN.XLSX", "PLAN.XLSX", FileKind.XLSX),
        ("../../etc/passwd.csv", "passwd.csv", FileKind.CSV),
        (r"C:\Users\Ada\plan.v2.tsv", "plan.v2.tsv", FileKind.TSV),
        ("  .hidden.json ", "hidden.json", FileKind.JSON),
        ('a<b>"c"?.csv', "a_b__c__.csv", FileKind.CSV),
        ("a.csv.", "a.csv", FileKind.CSV),
        ("予算 🌷.csv", "予算 🌷.csv", FileKind.CSV),
        (f"{'x' * 300}.xlsx", f"{'x' * (LONGEST_NAME - 5)}.xlsx", FileKind.XLSX),
    ],
)
def test_a_name_is_the_last_part_of_a_path_that_every_system_can_store(said: str, kept: str, kind: FileKind) -> None:
    assert FileName.of(said) == FileName(kept, kind)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        *((name, "file_type_not_allowed") for name in ("plan.xlsm", "plan.xlsb", "a.xls", "a.exe", "plan", ".csv")),
        *((name, "empty") for name in ("", "  ", "a/", "..", "a\\")),
        *((name, "control_characters") for name in ("a\x00.csv", "a\nb.csv", "a\u202efdp.csv")),
        ("x" * 1_000 + ".csv", "too_long"),
    ],
)
def test_other_names_are_refused(said: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        FileName.of(said)
    assert (refused.value.code, refused.value.field) == (code, "name")


@given(st.text(max_size=300), st.sampled_from(["csv", "XLSX", "json"]))
def test_no_name_leads_anywhere(stem: str, ending: str) -> None:
    try:
        name = FileName.of(f"{stem}.{ending}").text
    except InvalidInput:
        return
    assert not set(name) & set('/\\<>:"|?*\x00\n')
    assert name == name.strip(". ")
    assert len(name) <= LONGEST_NAME
    assert FileName.of(name).text == name


@pytest.mark.parametrize(
    ("kind", "called"),
    [
        (FileKind.CSV, "text/csv; charset=utf-8"),
        (FileKind.CSV, "application/vnd.ms-excel"),
        (FileKind.XLSX, "application/octet-stream"),
        (FileKind.JSON, ""),
    ],
)
def test_what_clients_call_a_kind(kind: FileKind, called: str) -> None:
    assert kind.is_called(called)
    assert kind.is_called(kind.media_type.upper())
    assert not kind.is_called("application/x-msdownload")


def test_a_quota_is_spent_by_the_byte() -> None:
    must_fit(10, 90, 100)
    with pytest.raises(TooLarge) as refused:
        must_fit(11, 90, 100)
    assert (refused.value.code, refused.value.details) == ("file_quota_spent", {"quota": 100, "used": 90})


def test_what_happens_to_a_file_is_told_for_the_audit() -> None:
    ends = NOW + timedelta(days=1)
    file, exported = StoredFile.keep(
        TenantId(new_id()),
        FileId(new_id()),
        FileName.of("plan.xlsx"),
        Contents(7, "ab"),
        FilePurpose.EXPORT,
        by=UserId(new_id()),
        now=NOW,
        expires_at=ends,
    )
    facts = {"name": "plan.xlsx", "size": 7, "sha256": "ab", "campaign_id": None}
    assert (exported.action, exported.object_id, exported.after) == ("file.exported", file.id, facts)
    assert (file.removed().action, file.removed().before) == ("file.removed", facts)
    assert file.linked(ends).after == {"name": "plan.xlsx", "until": ends.isoformat()}
    assert [file.has_ended(at) for at in (NOW, ends)] == [False, True]
