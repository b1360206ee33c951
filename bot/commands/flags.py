"""``dd0c flags``"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from bot.identity import utc_now
from bot.operator_store import operator_store
from bot.settings import load_core_settings
from bot.wiring.workshop import build_policies
from clients.flags import load_flags, parse_overrides
from services.held_back import HeldBack, in_words
from services.since_held import SinceHeld

T = TypeVar("T")
_name = click.argument("name")


@click.group()
def flags() -> None:
    """Look at rules on trial, switch them on again after their circuit breaker opened, and tell what was held back.

    `list` needs nothing; the others need the database of the bot: MONGODB_URI, or DD0C_LOCAL_MONGOD=1 on its machine.
    """


@flags.command("list")
def list_flags() -> None:
    """List the rules on trial: owner, last day, for how many accounts they are on, and what DD0C_FLAGS says."""
    overrides = parse_overrides(load_core_settings().flags)
    for row in load_flags():
        share = f"{row.percent}%" + (f" and {len(row.accounts)} accounts" if row.accounts else "")
        if row.name in overrides:
            share = f"{'on' if overrides[row.name] else 'off'} by DD0C_FLAGS"
        click.echo(f"{row.name}  {share}  of {row.owner}  until {row.expires}  {row.description}")


@flags.command()
@_name
def show(name: str) -> None:
    """Show the breakers of rule NAME, and what they hold back."""
    breakers, held = _run(lambda found: found.find(name))
    for line in in_words(breakers):
        click.echo(line)
    for tenant_id, one in held:
        click.echo(
            f"held back  {one.anomaly_id}  account {one.account_id}  tenant {tenant_id}  ${one.hourly_cost:.2f}/h"
        )
    click.echo(f"Breakers: {len(breakers)}. Alerts held back: {len(held)}.")


@flags.command()
@_name
@click.option("--account", default="", help="Only in this AWS account.")
def reset(name: str, account: str) -> None:
    """Switch rule NAME on again; its hour begins anew. Cure first what made it raise so much."""
    click.echo(f"Breakers of {name} closed: {_run(lambda found: found.reset(name, account))}.")


@flags.command()
@_name
def replay(name: str) -> None:
    """Send the cards that the breaker of rule NAME held back, once each. `reset` it first, if the rule stays.

    What is paused, expected, snoozed, answered or in strict mode now stays held back; give DD0C_POLICY here as to the
    bot.
    """
    done = _run(lambda found: found.replay(name))
    click.echo(f"Alerts of {name} sent: {done.told}. Still held back: {done.waiting}.")
    for reason, count in sorted(done.reasons.items()):
        click.echo(f"{count} because {reason}")


def _run(ask: Callable[[HeldBack], Awaitable[T]]) -> T:
    async def run() -> T:
        settings = load_core_settings()
        async with operator_store(settings) as store:
            since_held = SinceHeld(
                tenants=store.tenants,
                accounts=store.accounts,
                anomalies=store.anomalies,
                patterns=store.patterns,
                policies=build_policies(settings),
                clock=utc_now,
            )
            held_back = HeldBack(
                breakers=store.breakers, amendments=store.amendments, since_held=since_held, clock=utc_now
            )
            return await ask(held_back)

    return asyncio.run(run())
