"""Slack apps that were installed, with their tokens sealed."""

import logging
from collections.abc import Mapping
from typing import Protocol

import msgspec
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore

from engine.models.installation import SlackInstallation
from store.codec import decode, encode, within
from store.database import Database
from store.errors import translated
from store.system import System
from store.transactions import Session

TENANT = "tenant_id"
_SECRETS = ("bot_token", "bot_refresh_token", "incoming_webhook_url")


class Cipher(Protocol):
    """Seals secrets; ``bound_to`` names the place of one, and it opens nowhere else."""

    def seal(self, secret: str, bound_to: str) -> str: ...

    def unseal(self, sealed: str, bound_to: str) -> str: ...

    def is_current(self, sealed: str) -> bool: ...


class Installations(AsyncInstallationStore):
    """The collection ``installations``, in the shape that Slack's SDK asks for: one document for each tenant.

    The tenant travels in the SDK's custom value ``tenant_id``. We ask for no token of a person's, so none is kept.
    """

    def __init__(self, database: Database, system: System, cipher: Cipher) -> None:
        self._database = database
        self._installations = database.installations
        self._system = system
        self._cipher = cipher

    @property
    def logger(self) -> logging.Logger:
        """Where the SDK writes."""
        return logging.getLogger(__name__)

    @translated
    async def async_save(self, installation: Installation) -> None:
        """Keep an installation; a second one overlays the first. Raises Conflict when another tenant has it.

        Where an organisation takes its workspace's tenant over, the workspace's own token goes.
        """
        row = self._sealed(installation)
        tenant_id = str(installation.custom_values[TENANT])
        changes = {"$set": encode(tenant_id, row)}
        own, others = within(tenant_id, installed_by=row.installed_by), {"$ne": row.installed_by}

        async def write(session: Session | None) -> None:
            await self._installations.update_one(own, changes, upsert=True, session=session)
            await self._installations.delete_many(within(tenant_id, installed_by=others), session=session)

        await self._database.transaction(write)

    @translated
    async def async_save_bot(self, bot: Bot) -> None:
        """Keep a token that was rotated, unless the app was installed anew meanwhile: that token is the newer one."""
        tenant_id, installed_by = str(bot.custom_values[TENANT]), _installer(bot)
        row = within(tenant_id, installed_by=installed_by, installed_at=bot.installed_at)
        tokens = {
            "bot_token": self._cipher.seal(bot.bot_token, _place(installed_by, "bot_token")),
            "bot_refresh_token": self._seal(bot.bot_refresh_token, installed_by, "bot_refresh_token"),
            "bot_token_expires_at": bot.bot_token_expires_at,
        }
        await self._installations.update_one(row, {"$set": tokens})

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """As ``async_find_installation``, without the installer."""
        found = await self.async_find_installation(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        return found.to_bot() if found else None

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,  # noqa: ARG002 - the app has one installation, whoever asks
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """Find by Slack's ids. What an organisation installed is also found for its workspaces, and first."""
        named = (enterprise_id, None if is_enterprise_install else team_id)
        found = await self._system.find_installations([slack_id for slack_id in named if slack_id])
        by_installer = {row.installed_by: (tenant_id, row) for tenant_id, row in found}
        for slack_id in named:
            if slack_id in by_installer:
                return self.unseal(*by_installer[slack_id])
        return None

    @translated
    async def find_bot_of(self, tenant_id: str) -> Bot | None:
        """The bot with which this tenant is spoken to, or None when the app is not installed there."""
        document = await self._installations.find_one(within(tenant_id))
        return self.unseal(tenant_id, decode(SlackInstallation, document)).to_bot() if document else None

    @translated
    async def delete_of(self, tenant_id: str) -> None:
        """Forget the tenant's tokens."""
        await self._installations.delete_many(within(tenant_id))

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """As ``async_delete_installation``: the bot is all there is."""
        await self.async_delete_installation(enterprise_id=enterprise_id, team_id=team_id)

    async def async_delete_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,  # noqa: ARG002 - the app has one installation, whoever asks
    ) -> None:
        """Forget the tokens by Slack's ids: those of the workspace, or of the organisation where no team is named."""
        for tenant_id, _ in await self._system.find_installations([team_id or enterprise_id or ""]):
            await self.delete_of(tenant_id)

    def unseal(self, tenant_id: str, row: SlackInstallation) -> Installation:
        """Give it ready for use. Raises UpstreamError when its tokens do not open."""
        fields = {**msgspec.structs.asdict(row), **self._secrets(row)}
        installed_by = fields.pop("installed_by")
        del installed_by
        return Installation(**fields, custom_values={TENANT: tenant_id})

    async def find_outdated(self) -> list[tuple[str, SlackInstallation]]:
        """(tenant id, installation as it is stored) of all that an older key sealed."""
        everything = await self._system.find_all_installations()
        return [(tenant_id, row) for tenant_id, row in everything if not self._is_current(row)]

    @translated
    async def reseal(self, tenant_id: str, row: SlackInstallation) -> bool:
        """Seal with the newest key; False when the row changed meanwhile, which leaves the change alone."""
        as_read = within(tenant_id, installed_by=row.installed_by, bot_token=row.bot_token)
        anew = {
            name: self._seal(secret, row.installed_by, name) for name, secret in self._secrets(row).items() if secret
        }
        return bool((await self._installations.update_one(as_read, {"$set": anew})).matched_count)

    def _is_current(self, row: SlackInstallation) -> bool:
        sealed = [getattr(row, name) for name in _SECRETS]
        return all(self._cipher.is_current(secret) for secret in sealed if secret)

    def _sealed(self, installation: Installation) -> SlackInstallation:
        by = _installer(installation)
        plain = SlackInstallation(
            installed_by=by,
            is_enterprise_install=installation.is_enterprise_install,
            enterprise_id=installation.enterprise_id,
            enterprise_name=installation.enterprise_name,
            team_id=installation.team_id,
            team_name=installation.team_name,
            app_id=installation.app_id,
            bot_id=installation.bot_id,
            bot_user_id=installation.bot_user_id,
            bot_scopes=tuple(installation.bot_scopes or ()),
            bot_token=installation.bot_token or "",
            bot_refresh_token=installation.bot_refresh_token,
            bot_token_expires_at=installation.bot_token_expires_at,
            user_id=installation.user_id,
            incoming_webhook_url=installation.incoming_webhook_url,
            incoming_webhook_channel_id=installation.incoming_webhook_channel_id,
            installed_at=installation.installed_at,
        )
        return msgspec.structs.replace(plain, **{name: self._seal(getattr(plain, name), by, name) for name in _SECRETS})

    def _secrets(self, row: SlackInstallation) -> Mapping[str, str | None]:
        sealed = {name: getattr(row, name) for name in _SECRETS}
        return {
            name: self._cipher.unseal(secret, _place(row.installed_by, name)) if secret else None
            for name, secret in sealed.items()
        }

    def _seal(self, secret: str | None, installed_by: str, name: str) -> str | None:
        return self._cipher.seal(secret, _place(installed_by, name)) if secret else None


def _installer(installed: Installation | Bot) -> str:
    return str(installed.enterprise_id if installed.is_enterprise_install else installed.team_id)


def _place(installed_by: str, name: str) -> str:
    return f"installations/{installed_by}/{name}"
