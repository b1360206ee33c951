"""``dd0c users``"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from bot.identity import new_id, utc_now
from bot.operator_store import operator_store
from bot.settings import load_core_settings
from bot.tenant_choice import choose_tenant
from clients.identity.passwords import Argon2Passwords
from engine.models.account import Role
from engine.models.session import User
from services.admission import LOCAL
from services.user_admin import UserAdmin

T = TypeVar("T")
_tenant = click.option("--team", default="", help="Slack team id of the tenant; needed when there are several.")


@click.group()
def users() -> None:
    """Add, list and remove people who sign in without Slack, and give them roles.

    They have a password (DD0C_LOCAL_LOGIN=1), or come by an issuer (DD0C_OIDC_ISSUER), who is a responder at first.
    Needs the database of the bot: MONGODB_URI, or DD0C_LOCAL_MONGOD=1 on its machine, whether the bot runs or not.
    """


@users.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.ADMIN.value,
    show_default=True,
    help="What they may do.",
)
@click.option(
    "--password",
    envvar="DD0C_NEW_PASSWORD",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    help="Asked for when it is not given; in a script, set DD0C_NEW_PASSWORD.",
)
@_tenant
def add(name: str, role: str, password: str, team: str) -> None:
    """Add NAME, or give NAME another password and role, which signs them out everywhere."""

    async def work(admin: UserAdmin, tenant_id: str) -> User:
        return await admin.save(tenant_id, name, password, Role(role))

    user = _run(work, team)
    click.echo(f"{user.subject} may sign in as {role}.")


@users.command("list")
@_tenant
def list_users(team: str) -> None:
    """List who has a password, and who signed in by Slack or another provider."""

    async def work(admin: UserAdmin, tenant_id: str) -> list[User]:
        return list(await admin.find_all(tenant_id))

    for user in _run(work, team):
        way = "password" if user.issuer == LOCAL else user.issuer
        role = user.role.value if user.role else "role as in Slack"
        click.echo(f"{user.subject}\t{user.name}\t{role}\t{way}\tsince {user.created_at:%Y-%m-%d}")


@users.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@_tenant
def give_role(name: str, role: str, team: str) -> None:
    """Give NAME, as `dd0c users list` shows it first, another ROLE. It holds at once."""

    async def work(admin: UserAdmin, tenant_id: str) -> User:
        return await admin.give_role(tenant_id, name, Role(role))

    user = _run(work, team)
    click.echo(f"{user.subject} ({user.name}) is {role} from now on.")


@users.command()
@click.argument("name")
@_tenant
def remove(name: str, team: str) -> None:
    """Forget NAME, and sign them out everywhere. Who comes by an issuer can come again, until the
    issuer or DD0C_OIDC_ALLOW says no.
    """

    async def work(admin: UserAdmin, tenant_id: str) -> None:
        await admin.remove(tenant_id, name)

    _run(work, team)
    click.echo(f"{name} is forgotten here, and signed out.")


def _run(work: Callable[[UserAdmin, str], Awaitable[T]], team: str) -> T:
    async def run() -> T:
        async with operator_store(load_core_settings()) as store:
            admin = UserAdmin(
                users=store.users,
                sessions=store.sessions,
                passwords=Argon2Passwords(),
                clock=utc_now,
                new_id=new_id,
            )
            return await work(admin, await choose_tenant(store, team))

    return asyncio.run(run())
