"""``dd0c accounts``"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import click

from bot.identity import utc_now
from bot.key_office import KeyOffice, key_office
from bot.settings import load_settings
from bot.tenant_choice import choose_tenant
from engine.access_keys import age_fault, key_name
from engine.customer_role import user_policy
from engine.models.access_key import AccessKey, SealedAccessKey
from engine.models.account import AwsAccount
from engine.models.audit import OPERATOR
from engine.models.connection import ConnectOutcome, RoleCheck, RoleRefused

T = TypeVar("T")
_tenant = click.option("--team", default="", help="Slack team id of the tenant; needed when there are several.")
_key_id = click.option("--access-key-id", "key_id", required=True, help="Such as AKIAIOSFODNN7EXAMPLE.")


@click.group()
def accounts() -> None:
    """Connect AWS accounts by access keys of theirs, where a role cannot be had.

    Only where the bot serves one workspace by its SLACK_BOT_TOKEN and nobody pays for it. Needs the settings of
    `dd0c serve`, DD0C_ENCRYPTION_KEYS among them, and its database, whether the bot runs or not. A role is the better
    way where the bot has an identity of its own in AWS: nothing that lasts is kept then.
    """


@accounts.command()
@_key_id
@_tenant
def add(key_id: str, team: str) -> None:
    """Watch the account of an IAM user by that user's access key.

    The secret is asked for, or read from standard input. It is tried at once, and kept sealed if it is good.
    """

    async def work(office: KeyOffice, tenant_id: str, key: AccessKey) -> ConnectOutcome:
        return await office.onboarding.add(tenant_id, key, OPERATOR)

    _tell(_with_key(work, key_id, team), key_id)


@accounts.command()
@click.argument("account_id")
@_key_id
@_tenant
def rotate(account_id: str, key_id: str, team: str) -> None:
    """Give ACCOUNT_ID another access key in the place of its own, which is used until the new one has proved good.

    The secret is asked for, or read from standard input. Delete the old key in IAM afterwards.
    """

    async def work(office: KeyOffice, tenant_id: str, key: AccessKey) -> ConnectOutcome:
        return await office.onboarding.rotate(tenant_id, account_id, key, OPERATOR)

    _tell(_with_key(work, key_id, team), key_id)


@accounts.command("list")
@_tenant
def list_accounts(team: str) -> None:
    """List the connected accounts, what opens each, and how old keys are."""

    async def work(office: KeyOffice, tenant_id: str) -> list[str]:
        found = await office.store.accounts.find_accounts(tenant_id)
        rows = {row.account_id: row for of, row in await office.store.system.find_all_access_keys() if of == tenant_id}
        return [_line(account, rows.get(account.account_id), utc_now()) for account in found]

    for line in _run(work, team):
        click.echo(line)


@accounts.command()
def policy() -> None:
    """Print the policy that the user of an access key needs, and no more than that. Attach it as a managed policy."""
    click.echo(user_policy())


def _with_key(work: Callable[[KeyOffice, str, AccessKey], Awaitable[T]], key_id: str, team: str) -> T:
    async def opened(office: KeyOffice, tenant_id: str) -> T:
        return await work(office, tenant_id, AccessKey(key_id=key_id.strip(), secret=_read_secret()))

    return _run(opened, team)


def _run(work: Callable[[KeyOffice, str], Awaitable[T]], team: str) -> T:
    async def run() -> T:
        async with key_office(load_settings()) as office:
            return await work(office, await choose_tenant(office.store, team))

    return asyncio.run(run())


def _read_secret() -> str:
    """Never from the command line, which everybody on the machine may see and shells remember."""
    if sys.stdin.isatty():
        return str(click.prompt("Secret access key", hide_input=True)).strip()
    return sys.stdin.readline().strip()


def _tell(outcome: ConnectOutcome, key_id: str) -> None:
    if isinstance(outcome, RoleRefused):
        faults = [f"{one.text} {one.hint}" for one in outcome.check.problems]
        raise click.ClickException("\n".join(["Nothing was changed: this key does not let the bot watch.", *faults]))
    what = "Its history is read next." if outcome.learning else "It goes on with this key."
    click.echo(f"{outcome.name} ({outcome.account_id}) is read by {key_name(key_id)}. {what}")
    for fault in _limits(outcome.check):
        click.echo(fault, err=True)


def _limits(check: RoleCheck) -> list[str]:
    return [f"{one.text} {one.hint}" for one in check.problems]


def _line(account: AwsAccount, row: SealedAccessKey | None, now: datetime) -> str:
    opener = account.role_arn or "nothing yet"
    if row is not None:
        opener = f"{key_name(row.key_id)}, given {row.given_at:%Y-%m-%d}"
        if age_fault(row.account_id, row.key_id, row.given_at, now):
            opener += " (old: replace it)"
    return f"{account.account_id}  {account.status.value:<13}  {opener}"
