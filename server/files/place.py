"""The store that the settings name."""

from pathlib import Path
from urllib.parse import urlsplit

from domain.errors import InvalidInput
from server.files.local import LocalFiles
from server.files.s3 import Bucket, S3Files
from services.gateways import FileStore


def store_at(
    url: str | None,
    folder: Path,
    *,
    endpoint: str | None = None,
    region: str | None = None,
    access_key: str | None = None,
    secret_key: str | None = None,
) -> FileStore:
    """`s3://bucket/prefix`; None: the folder. Raises InvalidInput `bad_files_url`."""
    if url is None:
        return LocalFiles(folder)
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
        raise InvalidInput("MP_FILES_URL is of the form s3://bucket/prefix.", code="bad_files_url", field="files_url")
    return S3Files(Bucket(parts.netloc, parts.path.strip("/"), endpoint, region, access_key, secret_key))
