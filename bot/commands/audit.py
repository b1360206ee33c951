"""``dd0c audit``"""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import click
import msgspec

from bot.identity import utc_now
from bot.operator_store import operator_store
from bot.settings import CoreSettings, load_core_settings
from engine.models.audit import AuditEntry
from services.auditing import Auditing, Verified

T = TypeVar("T")
_COLUMNS = AuditEntry.__struct_fields__
_tenant = click.option("--tenant", default="", help="Id of the tenant, or of its Slack workspace; all without it.")


@click.group()
def audit() -> None:
    """Check and export the audit log: who judged, changed, connected or deleted what.

    Needs the database of the bot: MONGODB_URI, or DD0C_LOCAL_MONGOD=1 on its machine, whether the bot runs or not.
    """


@audit.command()
@_tenant
@click.option("--from", "first", type=click.IntRange(1), default=1, help="Begin at this entry of each chain.")
def verify(tenant: str, first: int) -> None:
    """Find entries that were changed, removed or exchanged; exit status 1 if there is any.

    Every chain's last number and digest are shown: kept elsewhere, they also prove later that no end was cut off
    together with the note of where it was. Signatures are checked if DD0C_AUDIT_KEYS is set.
    """
    settings = load_core_settings()
    chains = _run(settings, lambda auditing: auditing.verify(tenant, first))
    for chain in chains:
        click.echo(_line(chain))
        for fault in chain.faults:
            click.echo(f"{_whose(chain)}: {fault}", err=True)
    if not settings.signing_keys():
        click.echo("DD0C_AUDIT_KEYS is not set: signatures were not checked.", err=True)
    if tenant and not chains[0].entries and chains[0].head is None:
        raise click.ClickException(f"There is no audit log of {tenant!r}.")
    if any(chain.faults for chain in chains):
        raise click.exceptions.Exit(1)


@audit.command()
@_tenant
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True)
def export(tenant: str, form: str) -> None:
    """Write all entries to standard output, oldest first. The export is recorded too, after what it holds."""
    entries = _run(load_core_settings(), lambda auditing: auditing.export(tenant))
    click.echo(_csv(entries) if form == "csv" else _json(entries), nl=False)


def _run(settings: CoreSettings, work: Callable[[Auditing], Awaitable[T]]) -> T:
    async def run() -> T:
        async with operator_store(settings) as store:
            return await work(Auditing(store.audit, store.system, utc_now, settings.signing_keys()))

    return asyncio.run(run())


def _line(chain: Verified) -> str:
    state = f"not intact, faults: {len(chain.faults)}" if chain.faults else "intact"
    head = f", ends with {chain.head.seq} {chain.head.digest}" if chain.head else ""
    return f"{_whose(chain)}: {state}, {chain.entries} entries, {chain.signed} signed{head}"


def _json(entries: Sequence[AuditEntry]) -> str:
    return msgspec.json.format(msgspec.json.encode(entries)).decode() + "\n"


def _csv(entries: Sequence[AuditEntry]) -> str:
    """Write a line for each entry; details are one cell of JSON."""
    out = io.StringIO()
    rows = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    rows.writeheader()
    for entry in entries:
        row = {**msgspec.to_builtins(entry), "details": msgspec.json.encode(entry.details).decode()}
        rows.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue()


def _cell(value: object) -> str:
    """Keep a spreadsheet from taking text for a formula.

    >>> _cell("=1+1"), _cell("U1")
    ("'=1+1", 'U1')
    """
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _whose(chain: Verified) -> str:
    """What an operator did to a rule everywhere concerns no tenant, and has a chain of its own."""
    return f"tenant {chain.tenant_id}" if chain.tenant_id else "the installation"
