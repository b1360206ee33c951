"""Reasons not to replace one price table by another."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from statistics import median

from engine.pricing.scaling import parse_sized_sku
from engine.pricing.sheets import offer_of
from engine.pricing.table import HOME_REGION, PriceTable, Rate

MIN_ROWS_KEPT = 0.9
MAX_PRICE_FACTOR = 5.0
# AWS rounds small sizes and charges the largest size of a few families up to 16 percent more.
MAX_UNEVENNESS = 0.25
MAX_EXAMPLES = 5

GOLDEN_SKUS = (
    "ec2/t3.micro",
    "ec2/m5.large",
    "ec2/c5.xlarge",
    "ec2/r5.large",
    "ec2/g5.xlarge",
    "ec2/p5.48xlarge",
    "rds/mysql/db.m5.large/single",
    "rds/postgres/db.r5.large/multi",
    "rds/aurora-postgresql/db.r5.large/single",
    "ebs/gp3/gb",
    "nat/hour",
    "elb/application",
)


def find_table_problems(new: PriceTable, old: PriceTable) -> list[str]:
    """Say what speaks against putting ``new`` in the place of ``old``; an empty list says nothing does.

    Checked are: types everybody uses are there, no offer lost more than a tenth of its rows in a Region, sizes
    of a family cost in proportion, and no price changed by more than a factor of five.

    >>> import datetime as dt
    >>> from engine.pricing.sheets import make_sheet
    >>> def table(usd):
    ...     prices = {"us-east-1": dict.fromkeys(GOLDEN_SKUS[:6], usd)}
    ...     return PriceTable.from_sheets([make_sheet("AmazonEC2", "list", dt.date(2026, 10, 15), "AWS", prices)])
    >>> find_table_problems(table(7.0), table(1.0))[-1]
    'prices changed by more than a factor of 5 (6): ec2/c5.xlarge in us-east-1 1 -> 7, ...'
    """
    found = {
        "types everybody uses are missing": _missing_golden(new),
        "rows were lost": _lost_rows(new, old),
        "sizes of a family do not cost in proportion": _uneven_families(new),
        f"prices changed by more than a factor of {MAX_PRICE_FACTOR:g}": _jumps(new, old),
    }
    return [_sentence(what, list(examples)) for what, examples in found.items() if examples]


def _sentence(what: str, examples: list[str]) -> str:
    shown = ", ".join(examples[:MAX_EXAMPLES])
    return f"{what} ({len(examples)}): {shown}{', ...' if len(examples) > MAX_EXAMPLES else ''}"


def _missing_golden(new: PriceTable) -> list[str]:
    home = new.rates.get(HOME_REGION, {})
    return [sku for sku in GOLDEN_SKUS if sku not in home]


def _lost_rows(new: PriceTable, old: PriceTable) -> list[str]:
    after = _count_rows(new.rates)
    return [
        f"{offer} in {region} {before} -> {after[offer, region]}"
        for (offer, region), before in sorted(_count_rows(old.rates).items())
        if after[offer, region] < MIN_ROWS_KEPT * before
    ]


def _count_rows(rates: Mapping[str, Iterable[str]]) -> Counter[tuple[str, str]]:
    return Counter((offer_of(sku) or "", region) for region, skus in rates.items() for sku in skus)


def _uneven_families(new: PriceTable) -> list[str]:
    return [
        f"{family}{tail} in {region}"
        for region, prices in new.rates.items()
        for (family, tail), per_unit in _prices_per_unit(prices).items()
        if _unevenness(per_unit) > MAX_UNEVENNESS
    ]


def _prices_per_unit(prices: Mapping[str, Rate]) -> dict[tuple[str, str], list[float]]:
    families: dict[tuple[str, str], list[float]] = defaultdict(list)
    for sku, rate in prices.items():
        if sized := parse_sized_sku(sku):
            families[sized.family, sized.tail].append(rate.usd_per_hour / sized.units)
    return families


def _unevenness(per_unit: list[float]) -> float:
    """The largest distance from the median, as a part of the median."""
    middle = median(per_unit)
    return max(abs(price / middle - 1) for price in per_unit)


def _jumps(new: PriceTable, old: PriceTable) -> list[str]:
    return sorted(
        f"{sku} in {region} {before:g} -> {after:g}"
        for sku, region, before, after in _shared_prices(new, old)
        if not 1 / MAX_PRICE_FACTOR <= after / before <= MAX_PRICE_FACTOR
    )


def _shared_prices(new: PriceTable, old: PriceTable) -> Iterator[tuple[str, str, float, float]]:
    for region, prices in old.rates.items():
        fresh = new.rates.get(region, {})
        for sku, before in prices.items():
            if (after := fresh.get(sku)) is not None:
                yield sku, region, before.usd_per_hour, after.usd_per_hour
