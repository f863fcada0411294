"""An S3 of the tests' own: moto, as a process beside them. Whoever knows a bucket's name may make it."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import DEVNULL, Popen

import httpx

from domain.ids import new_id
from server.files.s3 import Bucket

_PATIENCE = 30.0  # seconds


@contextmanager
def s3_server() -> Iterator[str]:
    """Its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    with Popen(command, stdout=DEVNULL, stderr=DEVNULL) as process:
        try:
            _wait(address, process)
            yield address
        finally:
            process.terminate()


def new_bucket(address: str, prefix: str = "") -> Bucket:
    bucket = Bucket(f"b-{new_id()}", prefix, address, "us-east-1", "key", "secret")
    httpx.put(f"{address}/{bucket.name}").raise_for_status()
    return bucket


def _wait(address: str, process: Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the S3 server does not start")
