"""AWS's price list CSVs, read row by row: five lines of metadata, a header, then one price a row."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import NamedTuple

from clients.prices.rules import RULES, Rule
from engine.errors import InputError
from engine.pricing.sheets import MAX_USD_PER_HOUR

METADATA_ROWS = 5
MAX_LINE_CHARS = 64 * 1024
MAX_SKUS = 20_000
MAX_BAD_ROWS = 3
MAX_BAD_PART = 0.01
_NEEDED_COLUMNS = frozenset(
    {"TermType", "StartingRange", "Unit", "PricePerUnit", "Currency", "Location Type", "usageType"}
)


class OfferRows(NamedTuple):
    """What a file said: USD per hour by SKU, how many rows it had, and how many of them could not be read."""

    rates: dict[str, float]
    rows: int
    bad_rows: int


class _Tier(NamedTuple):
    starts_at: float
    usd_per_hour: float


def parse_offer_csv(lines: Iterable[str], offer: str, region: str) -> OfferRows:
    """Read one offer of one Region in constant memory.

    Args:
        lines: the file's lines with their ends, so that a file that is cut off is noticed.
        offer: AWS's name of the offer, a key of `RULES`.
        region: the Region the file is about; rows of other places (Local Zones) are left out.

    Raises:
        InputError: the file is not a price list of this offer, is cut off, or too much of it cannot be read.
    """
    checked = _WholeLines(lines)
    reader = csv.reader(checked, strict=True)
    tiers: dict[str, _Tier] = {}
    rows = bad_rows = 0
    try:
        header = _read_header(reader, offer)
        for cells in reader:
            rows += 1
            bad_rows += not _take_row(tiers, header, cells, RULES[offer], region)
            if len(tiers) > MAX_SKUS:
                raise InputError(f"{offer} in {region}: more than {MAX_SKUS} SKUs are not believable")
    except csv.Error as error:
        raise InputError(f"{offer} in {region}: row {rows + 1} is not CSV ({error})") from error
    _check_whole(checked, rows, bad_rows, f"{offer} in {region}")
    return OfferRows({sku: tier.usd_per_hour for sku, tier in tiers.items()}, rows, bad_rows)


class _WholeLines:
    """Passes lines through and remembers whether the last one was ended; a single line may not be huge."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self.ended = True

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            if len(line) > MAX_LINE_CHARS:
                raise InputError(f"a line of more than {MAX_LINE_CHARS} characters is not a price")
            self.ended = line.endswith("\n")
            yield line


def _check_whole(lines: _WholeLines, rows: int, bad_rows: int, what: str) -> None:
    if not lines.ended:
        raise InputError(f"{what}: the file is cut off after row {rows}")
    if bad_rows > max(MAX_BAD_ROWS, rows * MAX_BAD_PART):
        raise InputError(f"{what}: {bad_rows} of {rows} rows cannot be read")


def _read_header(reader: Iterator[list[str]], offer: str) -> list[str]:
    metadata = {cells[0]: cells[1] for cells in (next(reader, []) for _ in range(METADATA_ROWS)) if cells[1:]}
    if metadata.get("OfferCode") != offer:
        raise InputError(f"this is not the price list of {offer}: {str(metadata)[:200]}")
    header = next(reader, [])
    if missing := _NEEDED_COLUMNS - set(header):
        raise InputError(f"{offer}: the columns {', '.join(sorted(missing))} are missing")
    return header


def _take_row(
    tiers: dict[str, _Tier], header: list[str], cells: list[str], rules: tuple[Rule, ...], region: str
) -> bool:
    """Take a row's price if a rule knows it; False if the row cannot be read."""
    if len(cells) != len(header):
        return False
    row = dict(zip(header, cells, strict=True))
    if not _is_on_demand_here(row, region):
        return True
    found = _find_rule(row, rules)
    if found is None:
        return True
    sku, factor = found
    tier = _parse_tier(row, factor)
    if tier is None:
        return False
    # A price of zero is a free tier; of the others, the first tier is the list price.
    if tier.usd_per_hour > 0 and (sku not in tiers or tier.starts_at < tiers[sku].starts_at):
        tiers[sku] = tier
    return True


def _is_on_demand_here(row: Mapping[str, str], region: str) -> bool:
    return (
        row["TermType"] == "OnDemand"
        and row["Currency"] == "USD"
        and row["Location Type"] == "AWS Region"
        and row.get("Region Code", region) == region
    )


def _find_rule(row: Mapping[str, str], rules: tuple[Rule, ...]) -> tuple[str, float] | None:
    unit = row["Unit"].lower()
    for rule in rules:
        if unit in rule.units and (sku := rule.match_row(row)):
            return sku, rule.units[unit]
    return None


def _parse_tier(row: Mapping[str, str], factor: float) -> _Tier | None:
    try:
        tier = _Tier(float(row["StartingRange"] or 0), float(row["PricePerUnit"]) * factor)
    except ValueError:
        return None
    believable = isfinite(tier.starts_at) and 0 <= tier.usd_per_hour < MAX_USD_PER_HOUR
    return tier if believable else None
