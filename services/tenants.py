"""The tenant's settings, and the seeding of a first tenant."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from domain.errors import StaleVersion
from domain.tenants import Permission, Weekday
from services.actor import Actor, authorize
from services.commands import Command
from services.queries import SettingsView
from services.unit_of_work import Begin

Short = Annotated[str, Field(min_length=2, max_length=64)]


class ChangeSettings(Command):
    """Fields left out stay as they are."""

    locale: Short | None = None
    timezone: Short | None = None
    default_currency: Short | None = None
    week_start: Weekday | None = None
    fiscal_year_start: int | None = Field(default=None, ge=1, le=12)


class Tenants:
    def __init__(self, begin: Begin) -> None:
        self._begin = begin

    async def change_settings(
        self, actor: Actor, command: ChangeSettings, *, expected: int | None = None
    ) -> SettingsView:
        authorize(actor, Permission.SETTINGS_WRITE)
        async with self._begin(actor) as work:
            if done := await work.earlier(SettingsView):
                return done
            profile = await work.members.profile()
            if expected is not None and expected != profile.version:
                raise StaleVersion(
                    f"The settings are at version {profile.version} by now, not {expected}.",
                    current=profile.version,
                )
            change = profile.adopt(replace(profile.settings, **command.model_dump(exclude_none=True)))
            view = SettingsView(
                tenant_name=await work.members.tenant_name(),
                settings=profile.settings,
                version=profile.version,
            )
            return await work.commit(view, change)
