"""Every setting, read once by an entry point. Environment variables: MP_PORT, MP_DATABASE_URL and so on."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _default_home() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/media-planner")
    return Path.home() / ".local" / "share" / "media-planner"


def _url(*schemes: str, example: str) -> Callable[[str], str]:
    """Checks a URL that may name a socket in place of a host, which pydantic's own types refuse."""

    def check(value: str) -> str:
        parts = urlsplit(value)
        where = parts.hostname or parse_qs(parts.query).get("host") or (parts.scheme == "unix" and parts.path)
        if parts.scheme not in schemes or not where:
            raise ValueError(f"is not a URL of the form {example}")
        return value

    return check


DatabaseUrl = Annotated[
    str, AfterValidator(_url("postgresql", "postgres", example="postgresql://user:password@host/database"))
]
RedisUrl = Annotated[str, AfterValidator(_url("redis", "rediss", "unix", example="redis://host:6379/0"))]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="MP_", extra="ignore", frozen=True)

    home: Path = Field(default_factory=_default_home, description="Data of the embedded parts.")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)

    database_url: DatabaseUrl | None = Field(default=None, description="Role app_rw. Unset: embedded.")
    database_admin_url: DatabaseUrl | None = Field(default=None, description="For `migrate` alone.")
    redis_url: RedisUrl | None = None
    temporal_address: str | None = None
    temporal_namespace: str = "default"
    temporal_download: bool = Field(default=True, description="Where Go can't build it, let the SDK fetch it.")

    model: str = Field(default="offline", description="`offline`, or a provider's, as `openai:gpt-5`.")
    model_base_url: str | None = None
    model_price_input: float = Field(default=0.0, ge=0, description="US dollars for a million tokens.")
    model_price_output: float = Field(default=0.0, ge=0)
    turn_tokens: int = Field(default=400_000, ge=1, description="What one turn may use up.")
    turn_usd: float = Field(default=5.0, ge=0)
    session_tokens: int = Field(default=40_000_000, ge=1)
    session_usd: float = Field(default=200.0, ge=0)
    tenant_day_tokens: int = Field(default=200_000_000, ge=1)
    tenant_day_usd: float = Field(default=1_000.0, ge=0)
    signing_key: SecretStr | None = Field(default=None, description="PEM, P-256, the newest first.")
    server_secret: SecretStr | None = Field(default=None, description="32 bytes or more; one-time links, audit seals.")
    public_url: str | None = Field(
        default=None, description="Where people reach the page; links in letters lead there."
    )
    mail_url: str | None = Field(default=None, description="smtp(s):// or, signed, https://; unset: a folder.")
    mail_webhook_secret: SecretStr | None = None
    mail_sender: str = "media-planner <no-reply@example.com>"
    google_client_id: str | None = Field(default=None, description="Unset: no sign-in with Google.")
    google_client_secret: SecretStr | None = None
    google_issuer: str = "https://accounts.google.com"
    demo: bool = Field(default=True, description="Seed the demo tenant; refused together with external URLs.")

    database_pool_size: int = Field(default=10, ge=1)
    checkpoint_pool_size: int = Field(default=5, ge=1)
    statement_timeout_ms: int = Field(default=15_000, ge=100)
    body_limit_bytes: int = Field(default=65_536, ge=1_024)
    message_limit_chars: int = Field(default=20_000, ge=100)
    cors_origins: list[str] = []
    trusted_proxies: list[str] = []
    session_retention_days: int | None = Field(
        default=None, ge=1, description="After so many days untouched a conversation is deleted. Unset: never."
    )
    files_url: str | None = Field(default=None, description="s3://bucket/prefix; unset: a folder of `home`.")
    files_endpoint: str | None = Field(default=None, description="Of an S3 that is not AWS: https://s3.example.com.")
    files_region: str | None = None
    files_access_key: str | None = Field(default=None, description="Unset: from the environment, as AWS has it.")
    files_secret_key: SecretStr | None = None
    file_limit_bytes: int = Field(default=20_000_000, ge=1_024, description="Of one file.")
    file_quota_bytes: int = Field(default=2_000_000_000, ge=1_024, description="Of all files of a tenant.")
    turn_lease_seconds: float = Field(default=15.0, gt=0)
    turn_seconds: float = Field(default=300.0, gt=0, description="Wall time one turn may take.")
    log_level: str = "INFO"

    @property
    def address(self) -> str:
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def embedded(self) -> bool:
        return self.database_url is None
