"""``dd0c prices``: explain a price, and refresh the price table from AWS's public price list."""

import asyncio
import datetime as dt
import difflib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from clients.prices.folder import RefreshFolder
from clients.prices.packaged import load_price_table, load_sheets
from clients.prices.refresh import OFFERS, PriceRefresh, RefreshResult, Target, replace_table
from clients.prices.source import DEFAULT_BASE_URL, PriceListSource, open_session
from engine.errors import Dd0cError
from engine.pricing.sheets import HOURS_PER_MONTH
from engine.pricing.table import HOME_REGION, PriceTable, Rate

STALE_AFTER = dt.timedelta(days=90)
TABLE_NAME = "prices.json.gz"

_UNITS = {"gb": "GB", "iops": "IOPS", "mibps": "MiB/s", "acu": "ACU", "vcpu": "vCPU", "dpu": "DPU"}
_PROVENANCES = {
    "list": "list (AWS's on-demand price list)",
    "seed": "seed (AWS's published price, entered by hand)",
}


@dataclass(frozen=True)
class PricesSetup:
    """What the commands need from outside: the folder of the refreshed table, and today's date (UTC)."""

    data_dir: Path
    today: Callable[[], dt.date]

    @property
    def table_path(self) -> Path:
        """Where the refreshed table is, if there is one."""
        return self.data_dir / TABLE_NAME


def _default_setup() -> PricesSetup:
    return PricesSetup(Path(click.get_app_dir("dd0c")), lambda: dt.datetime.now(dt.UTC).date())


@click.group()
@click.pass_context
def prices(context: click.Context) -> None:
    """Look at and refresh the AWS list prices that costs are computed from."""
    context.obj = context.find_object(PricesSetup) or _default_setup()


@prices.command()
@click.argument("name")
@click.option("--region", default=HOME_REGION, show_default=True, help="AWS Region.")
@click.option("--engine", default="mysql", show_default=True, help="Database engine of a db. class.")
@click.option("--multi-az", is_flag=True, help="Price a db. class with a Multi-AZ standby.")
@click.pass_obj
def show(setup: PricesSetup, name: str, region: str, engine: str, multi_az: bool) -> None:
    """Explain a price: how much, of what, from where, from when.

    NAME is an EC2 type (m5.large), a database class (db.r5.large), a cache node (cache.m5.large), a SageMaker
    type (ml.m5.large) or any SKU (ebs/gp3/gb).
    """
    with _errors_for_people():
        table = load_price_table(setup.table_path)
    sku = _to_sku(name.strip().lower(), engine.lower(), multi_az)
    rate = table.rate(sku, region)
    if rate is None:
        raise click.ClickException(_explain_unknown(table, sku, region))
    for label, text in _explain(table, sku, region, rate):
        click.echo(f"{label:<11} {text}")
    _warn_if_stale(table, sku, region, setup.today())


@prices.command()
@click.option("--regions", help="Regions, separated by commas.  [default: all that the table knows]")
@click.option("--offers", help=f"Offers, separated by commas.  [default: {','.join(OFFERS)}]")
@click.option("--base-url", default=DEFAULT_BASE_URL, show_default=True, help="Where the price list is.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The table to replace.")
@click.pass_obj
def refresh(setup: PricesSetup, regions: str | None, offers: str | None, base_url: str, out: Path | None) -> None:
    """Refresh the price table from AWS's public price list (no credentials needed).

    Interrupted, it goes on where it stopped when it is started again; files that did not change are not
    downloaded twice. The old table is only replaced by one that passes all checks.
    """
    path = out or setup.table_path
    folder = RefreshFolder(path.with_name(f"{path.name}.refresh"))
    with _errors_for_people(), folder.reserved():
        old_sheets = load_sheets(path)
        chosen = _split(regions) or sorted(PriceTable.from_sheets(old_sheets).rates)
        fresh = asyncio.run(_fetch(folder, base_url, _chosen_offers(offers), chosen, setup.today()))
        if fresh.sheets:
            table = replace_table(path, fresh, old_sheets)
            click.echo(f"{path}: {fresh.refreshed} files, prices of {table.published}")
    _report_failures(fresh)


async def _fetch(
    folder: RefreshFolder, base_url: str, offers: Sequence[str], regions: Sequence[str], today: dt.date
) -> RefreshResult:
    with _progress_bar() as bar:
        async with open_session() as session:
            refresh_run = PriceRefresh(PriceListSource(session, base_url), folder, bar)
            return await refresh_run.run(offers, regions, today)


def _report_failures(fresh: RefreshResult) -> None:
    for failure in fresh.failures:
        click.echo(f"failed: {failure}", err=True)
    if fresh.failures:
        raise click.ClickException(
            f"{len(fresh.failures)} parts failed and keep their old prices; run the command again to go on"
        )


def _split(words: str | None) -> list[str]:
    return [word.strip() for word in (words or "").split(",") if word.strip()]


def _chosen_offers(offers: str | None) -> Sequence[str]:
    chosen = _split(offers)
    if unknown := [offer for offer in chosen if offer not in OFFERS]:
        raise click.BadParameter(f"unknown offers {', '.join(unknown)}; known are {', '.join(OFFERS)}")
    return chosen or OFFERS


@contextmanager
def _errors_for_people() -> Iterator[None]:
    try:
        yield
    except (Dd0cError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _to_sku(name: str, engine: str, multi_az: bool) -> str:
    if "/" in name:
        return name
    if name.startswith("db."):
        return f"rds/{engine}/{name}/{'multi' if multi_az else 'single'}"
    prefixes = {"cache.": "elasticache/redis/", "ml.": "sagemaker/"}
    return next((into + name for start, into in prefixes.items() if name.startswith(start)), f"ec2/{name}")


def _explain(table: PriceTable, sku: str, region: str, rate: Rate) -> Iterator[tuple[str, str]]:
    unit = _UNITS.get(sku.rpartition("/")[2], "instance" if "." in sku else "unit")
    yield "sku", f"{sku} in {region}"
    yield "price", f"{rate.usd_per_hour:.6g} USD per hour for one {unit}"
    yield "month", f"{rate.usd_per_hour * HOURS_PER_MONTH:.2f} USD in {HOURS_PER_MONTH} hours"
    yield "provenance", _PROVENANCES.get(rate.provenance) or _explain_estimate(table, sku, region)
    if edition := table.edition(sku, region):
        yield "source", edition.source
        yield "published", edition.published.isoformat()


def _explain_estimate(table: PriceTable, sku: str, region: str) -> str:
    basis = table.basis(sku, region)
    return f"estimated ({basis.factor:.4g} x {basis.sku} in {basis.region})" if basis else "estimated"


def _explain_unknown(table: PriceTable, sku: str, region: str) -> str:
    if region not in table.rates:
        return _unknown("Region", region, sorted(table.rates))
    return _unknown(f"price in {region}:", sku, list(table.rates[region]) + list(table.rates[HOME_REGION]))


def _unknown(what: str, word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, list(dict.fromkeys(known)), n=5, cutoff=0.5)
    return f"unknown {what} {word}." + (f" The nearest known are {', '.join(near)}." if near else "")


def _warn_if_stale(table: PriceTable, sku: str, region: str, today: dt.date) -> None:
    edition = table.edition(sku, region)
    if edition and today - edition.published > STALE_AFTER:
        age = (today - edition.published).days
        click.echo(f"Warning: this price is {age} days old; `dd0c prices refresh` fetches the new ones.", err=True)


class _Bar:
    """Shows a refresh on standard error: files done, megabytes received, the last file."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._received = 0

    def planned(self, files: int) -> None:
        self._progress.update(self._task, total=files)

    def received(self, byte_count: int) -> None:
        self._received += byte_count
        self._progress.update(self._task, megabytes=self._received / 1e6)

    def finished(self, target: Target, outcome: str) -> None:
        last = f"{target.offer} {target.region}: {outcome}"
        self._progress.update(self._task, advance=1, description=last)


@contextmanager
def _progress_bar() -> Iterator[_Bar]:
    megabytes = TextColumn("{task.fields[megabytes]:.1f} MB")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), megabytes)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Bar(progress, progress.add_task("looking up files", total=None, megabytes=0.0))
