"""Which store the settings name."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import InvalidInput, Unavailable
from domain.ids import FileId, TenantId, new_id
from server.files.local import LocalFiles
from server.files.place import store_at
from server.files.s3 import S3Files


async def _pieces() -> AsyncIterator[bytes]:
    yield b"x"


def test_a_url_is_a_bucket_and_none_is_the_folder(tmp_path: Path) -> None:
    assert isinstance(store_at(None, tmp_path), LocalFiles)
    for url in ("s3://bucket", "s3://bucket/media/planner/"):
        store = store_at(
            url, tmp_path, endpoint="http://127.0.0.1:1", region="us-east-1", access_key="a", secret_key="b"
        )
        assert isinstance(store, S3Files)


@pytest.mark.parametrize(
    "url", ["bucket", "https://s3.example.com/bucket", "s3://", "s3://bucket?region=x", "file:///tmp"]
)
def test_other_urls_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        store_at(url, tmp_path)
    assert (refused.value.code, refused.value.field) == ("bad_files_url", "files_url")


async def test_a_link_in_the_folder_leads_nowhere(tmp_path: Path) -> None:
    """Somebody with access to the folder must not have the product hand out other files, nor overwrite them."""
    tenant_id, file_id = TenantId(new_id()), FileId(new_id())
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (tmp_path / str(tenant_id)).mkdir()
    for name in (f"{file_id}", f"{file_id}.part"):
        (tmp_path / str(tenant_id) / name).symlink_to(secret)
    store = LocalFiles(tmp_path)
    for act in (store.open(tenant_id, file_id), store.put(tenant_id, file_id, _pieces())):
        with pytest.raises(Unavailable):
            await act
    assert secret.read_bytes() == b"secret"


@pytest.mark.parametrize("name", ["../secret", "..", "a/b", ""])
async def test_what_is_no_id_names_no_file(tmp_path: Path, name: str) -> None:
    for store in (LocalFiles(tmp_path), store_at("s3://bucket", tmp_path, region="us-east-1")):
        for tenant_id, file_id in ((name, new_id()), (new_id(), name)):
            with pytest.raises(ValueError, match="UUID"):
                await store.open(TenantId(tenant_id), FileId(file_id))  # type: ignore[arg-type]


async def test_files_are_their_owners_alone(tmp_path: Path) -> None:
    tenant_id, file_id = TenantId(new_id()), FileId(new_id())
    await LocalFiles(tmp_path / "files").put(tenant_id, file_id, _pieces())
    place = tmp_path / "files" / str(tenant_id) / str(file_id)
    assert [path.stat().st_mode & 0o077 for path in (place, place.parent, place.parent.parent)] == [0, 0, 0]
    assert [path.name for path in place.parent.iterdir()] == [str(file_id)]
