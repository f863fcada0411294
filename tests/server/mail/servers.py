"""What a letter meets on its way: a mail server, a receiver of webhooks, a certificate."""

import asyncio
import ssl
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


@dataclass(frozen=True)
class MailServer:
    port: int
    maildir: Path

    def messages(self) -> list[EmailMessage]:
        """In no certain order."""
        return [read(path) for path in (self.maildir / "new").iterdir()]


@asynccontextmanager
async def mail_server(maildir: Path, *options: str) -> AsyncIterator[MailServer]:
    """As `smtp_server` has its options. The folder is made by it, and must not be there."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.server.mail.smtp_server", str(maildir), *options),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        line = await process.stdout.readline()
        assert line, "the mail server did not start"
        yield MailServer(int(line), maildir)
    finally:
        process.stdin.close()
        await process.wait()


def read(path: Path) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes())


@dataclass
class Receiver:
    """Answers every POST with `status`; to a letter without an address, with 422."""

    url: str = ""
    status: int = 204
    requests: list[tuple[dict[str, str], str]] = field(default_factory=list)


@contextmanager
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            found.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(422 if "@" not in body else found.status)
            self.send_header("location", f"{found.url}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        found.url = f"http://127.0.0.1:{server.server_port}/letters"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Certificate:
    """For 127.0.0.1, signed by itself; the file holds the key too."""

    pem: Path

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.pem)


def certificate(folder: Path) -> Certificate:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.test")])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(hours=1),
        not_valid_after=now + timedelta(hours=1),
    ).add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(private + builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return Certificate(path)
