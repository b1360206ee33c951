"""``dd0c keys``"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

import click

from bot.identity import utc_now
from bot.operator_store import operator_store
from bot.resealing import reseal_all
from bot.settings import load_core_settings, load_key_settings
from bot.tenant_choice import choose_tenant
from clients.cipher import Cipher, parse_keys
from engine.models.api_key import ApiKey, Scope
from engine.models.audit import OPERATOR
from services.keys import Keys

T = TypeVar("T")
_SCOPES = [scope.value for scope in Scope]
_tenant = click.option("--team", default="", help="Slack team id of the tenant; needed when there are several.")


@click.group()
def keys() -> None:
    """Make, list and revoke API keys, with which programs speak to the bot; rotate the keys that seal secrets.

    Needs the database of the bot: MONGODB_URI, or DD0C_LOCAL_MONGOD=1 on its machine, whether the bot runs or not.
    """


@keys.command()
@click.option("--name", required=True, help="What the key is for, such as 'forwarder on host-7'.")
@click.option("--scope", "scopes", type=click.Choice(_SCOPES), multiple=True, required=True, help="May be repeated.")
@click.option("--days", type=click.IntRange(1, 3650), help="End the key after so many days; without it, it never ends.")
@_tenant
def create(name: str, scopes: tuple[str, ...], days: int | None, team: str) -> None:
    """Make a key and show it once. Only its hash is kept, so nobody can show it again."""
    lifetime = timedelta(days=days) if days else None

    async def work(made: Keys, tenant_id: str) -> tuple[str, ApiKey]:
        return await made.create(tenant_id, name, [Scope(scope) for scope in scopes], lifetime, by=OPERATOR)

    key, row = _run(work, team)
    click.echo(f"Key {row.key_id} ({', '.join(row.scopes)}). Keep it now, it is not shown again:", err=True)
    click.echo(key)


@keys.command("list")
@_tenant
def list_keys(team: str) -> None:
    """List the keys with their scopes, age and last use (to the hour)."""

    async def work(made: Keys, tenant_id: str) -> list[ApiKey]:
        return await made.find_all(tenant_id)

    for row in _run(work, team):
        click.echo(_line(row, utc_now()))


@keys.command()
@click.argument("key_id")
@_tenant
def revoke(key_id: str, team: str) -> None:
    """End a key at once and for good. KEY_ID is what `dd0c keys list` shows first."""

    async def work(made: Keys, tenant_id: str) -> None:
        await made.revoke(tenant_id, key_id, by=OPERATOR)

    _run(work, team)
    click.echo(f"Key {key_id} opens nothing any more.")


@keys.command()
def rotate() -> None:
    """Seal all secrets (tokens of Slack and ticket systems, AWS access keys) with the newest of DD0C_ENCRYPTION_KEYS.

    Add the new key behind the old one, start every process again, run this, and then take the old key away. It may be
    run again at any time; what the newest key sealed already stays as it is.
    """
    settings = load_key_settings()
    cipher = Cipher(parse_keys(settings.encryption_keys.get_secret_value()), os.urandom)

    async def run() -> list[tuple[int, list[str]]]:
        async with operator_store(settings) as store:
            return [
                await reseal_all(store.installations(cipher)),
                await reseal_all(store.trackers(cipher)),
                await reseal_all(store.access_keys(cipher)),
            ]

    (installed, lost), (trackers, lost_too), (opened, lost_keys) = asyncio.run(run())
    click.echo(
        f"{installed} installations, {trackers} ticket systems and {opened} access keys "
        "were sealed with the newest key."
    )
    if troubles := [*lost, *lost_too, *lost_keys]:
        raise click.ClickException("\n".join(["Some could not be, so keep the old keys:", *troubles]))


def _run(work: Callable[[Keys, str], Awaitable[T]], team: str) -> T:
    async def run() -> T:
        async with operator_store(load_core_settings()) as store:
            return await work(Keys(store.api_keys, os.urandom, utc_now), await choose_tenant(store, team))

    return asyncio.run(run())


def _line(row: ApiKey, now: datetime) -> str:
    """Describe a key in one line.

    >>> from datetime import UTC
    >>> made = datetime(2026, 3, 1, tzinfo=UTC)
    >>> row = ApiKey(key_id="k-1", digest="", tenant_id="t", name="host 7", scopes=(Scope.WRITE,), created_at=made)
    >>> _line(row, made)
    "k-1  works    write       made 2026-03-01  never used  'host 7'"
    """
    state = "revoked" if row.revoked_at else "works" if row.is_valid(now) else "expired"
    used = f"used {row.last_used_at:%Y-%m-%d %H}h" if row.last_used_at else "never used"
    scopes = ",".join(row.scopes)
    return f"{row.key_id}  {state:<7}  {scopes:<10}  made {row.created_at:%Y-%m-%d}  {used}  {row.name!r}"
