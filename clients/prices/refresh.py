"""Refreshing the price table: fetch AWS's files, read our SKUs out of them, check, replace."""

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from clients.prices.files import encode_sheets, replace_file
from clients.prices.folder import PartFile, RefreshFolder, SavedRates
from clients.prices.offer_csv import parse_offer_csv
from clients.prices.rules import RULES
from clients.prices.source import OfferIndex, PriceListSource
from engine.errors import Conflict, Dd0cError, InputError
from engine.pricing.checks import find_table_problems
from engine.pricing.sheets import PriceSheet, make_sheet, replace_rates
from engine.pricing.table import PriceTable

OFFERS = tuple(RULES)
SOURCE = "AWS price list (bulk API)"
DOWNLOADS_AT_ONCE = 4


class Progress(Protocol):
    """Who wants to know how a refresh goes on."""

    def planned(self, files: int) -> None:
        """So many files are to be looked at."""

    def received(self, byte_count: int) -> None:
        """So many bytes more arrived."""

    def finished(self, target: "Target", outcome: str) -> None:
        """One file is done."""


class Target(NamedTuple):
    """One file: an offer in a Region, and where its CSV is."""

    offer: str
    region: str
    path: str


class RefreshResult(NamedTuple):
    """Fresh sheets, and one sentence for each file that could not be had; those keep their old prices."""

    published: dt.date
    sheets: tuple[PriceSheet, ...]
    refreshed: int
    failures: tuple[str, ...]


class PriceRefresh:
    """One refresh of some offers in some Regions."""

    def __init__(self, source: PriceListSource, folder: RefreshFolder, progress: Progress) -> None:
        self._source = source
        self._folder = folder
        self._progress = progress
        self._turns = asyncio.Semaphore(DOWNLOADS_AT_ONCE)
        self._failures: list[str] = []

    async def run(self, offers: Iterable[str], regions: Sequence[str], today: dt.date) -> RefreshResult:
        """Fetch and read everything asked for; a file that fails does not stop the others.

        Raises:
            UpstreamError, NotFound, InputError: the list of offers itself cannot be had, or is from the future.
        """
        index = await self._source.fetch_index()
        published = _believable_date(index, today)
        targets = [target for offer in offers for target in await self._find_targets(index, offer, regions)]
        self._failures += (f"{region}: no offer is sold there" for region in _unserved(regions, targets))
        self._progress.planned(len(targets))
        found = await asyncio.gather(*(self._refresh_safely(target) for target in targets))
        done = [(target, saved) for target, saved in zip(targets, found, strict=True) if saved]
        return RefreshResult(published, _to_sheets(done, published), len(done), tuple(self._failures))

    async def _find_targets(self, index: OfferIndex, offer: str, regions: Sequence[str]) -> list[Target]:
        try:
            if offer not in index.offers:
                raise InputError("AWS's index does not list it")
            paths = await self._source.fetch_csv_paths(index.offers[offer])
        except Dd0cError as error:
            self._failures.append(f"{offer}: {error}")
            return []
        return [Target(offer, region, paths[region]) for region in regions if region in paths]

    async def _refresh_safely(self, target: Target) -> SavedRates | None:
        async with self._turns:
            try:
                saved, outcome = await self._refresh(target)
            except (Dd0cError, OSError) as error:
                self._failures.append(f"{target.offer} in {target.region}: {error}")
                saved, outcome = None, "failed"
        self._progress.finished(target, outcome)
        return saved

    async def _refresh(self, target: Target) -> tuple[SavedRates, str]:
        saved = self._folder.find_saved(target.offer, target.region)
        known_etag = saved.etag if saved and saved.path == target.path else None
        part = self._folder.part(target.offer, target.region)
        changed, etag = await self._source.download(target.path, part, known_etag, self._progress.received)
        if saved and not changed:
            return saved, "unchanged"
        fresh = await asyncio.to_thread(_read_part, part, target, etag)
        self._folder.save(target.offer, target.region, fresh)
        return fresh, f"{len(fresh.rates)} prices" + (f", {fresh.bad_rows} bad rows" * bool(fresh.bad_rows))


def replace_table(path: Path, fresh: RefreshResult, old_sheets: Sequence[PriceSheet]) -> PriceTable:
    """Check the fresh prices against the old and write the new table.

    Raises:
        Conflict: something speaks against the new table; the file stays as it was.
    """
    sheets = replace_rates(old_sheets, fresh.sheets)
    new = PriceTable.from_sheets(sheets)
    if problems := find_table_problems(new, PriceTable.from_sheets(old_sheets)):
        raise Conflict("The price table stays as it was, because in the new one " + "; ".join(problems))
    replace_file(path, encode_sheets(sheets))
    return new


def _unserved(regions: Sequence[str], targets: Iterable[Target]) -> list[str]:
    served = {target.region for target in targets}
    return [region for region in regions if region not in served]


def _believable_date(index: OfferIndex, today: dt.date) -> dt.date:
    published = index.publication_date.date()
    if published > today + dt.timedelta(days=1):
        raise InputError(f"the price list says it is from {published}, which is in the future")
    return published


def _read_part(part: PartFile, target: Target, etag: str | None) -> SavedRates:
    """Read a downloaded file; whatever is in it, it is not needed any more afterwards."""
    try:
        found = parse_offer_csv(part.lines(), target.offer, target.region)
    finally:
        part.discard()
    if not found.rates:
        raise InputError(f"none of its {found.rows} rows is a price of ours")
    return SavedRates(target.path, etag, found.rates, found.bad_rows)


def _to_sheets(done: Iterable[tuple[Target, SavedRates]], published: dt.date) -> tuple[PriceSheet, ...]:
    rates: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
    for target, saved in done:
        rates[target.offer][target.region] = saved.rates
    return tuple(make_sheet(offer, "list", published, SOURCE, regions) for offer, regions in rates.items())
