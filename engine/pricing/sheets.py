"""Price sheets: the rows of one AWS offer from one edition, in the shape in which they are stored.

A SKU's grammar is lower case words separated by ``/``; every price is list USD per hour for one unit of the SKU
(a GB-month price is divided by 730 hours before it gets here).
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from engine.errors import InputError

HOURS_PER_MONTH = 730
MAX_USD_PER_HOUR = 100_000.0

SheetProvenance = Literal["list", "seed"]

_OFFERS_BY_PREFIX: tuple[tuple[str, str], ...] = (
    ("ec2/", "AmazonEC2"),
    ("ebs/", "AmazonEC2"),
    ("nat/", "AmazonEC2"),
    ("rds/", "AmazonRDS"),
    ("aurora/", "AmazonRDS"),
    ("elb/", "AWSELB"),
    ("ipv4/", "AmazonVPC"),
    ("vpce/", "AmazonVPC"),
    ("tgw/", "AmazonVPC"),
    ("vpn/", "AmazonVPC"),
    ("networkfirewall/", "AWSNetworkFirewall"),
    ("route53resolver/", "AmazonRoute53"),
    ("globalaccelerator/", "AWSGlobalAccelerator"),
    ("elasticache/", "AmazonElastiCache"),
    ("memorydb/", "AmazonMemoryDB"),
    ("dax/", "AmazonDAX"),
    ("opensearch/", "AmazonES"),
    ("aoss/", "AmazonES"),
    ("emr/", "ElasticMapReduce"),
    ("emrserverless/", "ElasticMapReduce"),
    ("msk/", "AmazonMSK"),
    ("redshift/", "AmazonRedshift"),
    ("fargate/", "AmazonECS"),
    ("eks/", "AmazonEKS"),
    ("dynamodb/", "AmazonDynamoDB"),
    ("kinesis/", "AmazonKinesis"),
    ("glue/", "AWSGlue"),
    ("transfer/", "AWSTransfer"),
    ("lambda/", "AWSLambda"),
)


class PriceSheet(msgspec.Struct, frozen=True):
    """Prices of one offer from one edition.

    ``usd_per_hour`` has one list per Region, parallel to ``skus``; None where the Region does not sell the SKU.
    """

    offer: str
    provenance: SheetProvenance
    published: dt.date
    source: str
    skus: tuple[str, ...]
    usd_per_hour: dict[str, tuple[float | None, ...]]


def offer_of(sku: str) -> str | None:
    """The AWS price list offer that sells a SKU, or None.

    >>> offer_of("ebs/gp3/gb"), offer_of("sagemaker/ml.m5.large")
    ('AmazonEC2', None)
    """
    return next((offer for prefix, offer in _OFFERS_BY_PREFIX if sku.startswith(prefix)), None)


def make_sheet(
    offer: str,
    provenance: SheetProvenance,
    published: dt.date,
    source: str,
    rates: Mapping[str, Mapping[str, float]],
) -> PriceSheet:
    """Lay out ``{region: {sku: usd_per_hour}}`` as a sheet, sorted, so that equal prices give equal bytes.

    >>> sheet = make_sheet("AmazonEKS", "seed", dt.date(2026, 10, 15), "docs", {"us-east-1": {"eks/cluster": 0.1}})
    >>> sheet.skus, sheet.usd_per_hour
    (('eks/cluster',), {'us-east-1': (0.1,)})
    """
    skus = tuple(sorted({sku for prices in rates.values() for sku in prices}))
    columns = {region: tuple(map(rates[region].get, skus)) for region in sorted(rates)}
    return PriceSheet(offer, provenance, published, source, skus, columns)


def sheet_rates(sheet: PriceSheet) -> dict[str, dict[str, float]]:
    """The inverse of `make_sheet`: ``{region: {sku: usd_per_hour}}``, without the gaps."""
    return {region: dict(region_rows(sheet, region)) for region in sheet.usd_per_hour}


def region_rows(sheet: PriceSheet, region: str) -> Iterator[tuple[str, float]]:
    """The sheet's (SKU, USD per hour) pairs in one Region."""
    for sku, usd in zip(sheet.skus, sheet.usd_per_hour.get(region, ()), strict=False):
        if usd is not None:
            yield sku, usd


def check_sheet(sheet: PriceSheet) -> None:
    """Refuse a sheet that cannot be trusted.

    Raises:
        InputError: a column is as long as it must not be, a SKU belongs to another offer, or a price is zero,
            negative, not a number or absurd.
    """
    _check_skus(sheet)
    for region, column in sheet.usd_per_hour.items():
        if len(column) != len(sheet.skus):
            raise InputError(f"{sheet.offer} in {region}: {len(column)} prices for {len(sheet.skus)} SKUs")
        _check_prices(sheet, region, column)


def _check_skus(sheet: PriceSheet) -> None:
    if len(set(sheet.skus)) != len(sheet.skus):
        raise InputError(f"{sheet.offer}: a SKU is listed twice")
    for sku in sheet.skus:
        if offer_of(sku) != sheet.offer:
            raise InputError(f"{sheet.offer}: {sku[:80]!r} is not one of this offer's SKUs")


def _check_prices(sheet: PriceSheet, region: str, column: Sequence[float | None]) -> None:
    for sku, usd in zip(sheet.skus, column, strict=True):
        # The comparison is false for NaN too, which is why it is written as a range.
        if usd is not None and not 0 < usd < MAX_USD_PER_HOUR:
            raise InputError(f"{sku} in {region} costs {usd!r} USD per hour, which cannot be")


def replace_rates(sheets: Iterable[PriceSheet], fresh: Iterable[PriceSheet]) -> tuple[PriceSheet, ...]:
    """Put fresh list prices in the place of the old ones of the same offers and Regions; all else stays.

    >>> def sheet(day, usd):
    ...     rates = {region: {"eks/cluster": usd} for region in ("eu-west-1", "us-east-1")}
    ...     return make_sheet("AmazonEKS", "list", dt.date(2026, 10, day), "AWS", rates)
    >>> fresh = make_sheet("AmazonEKS", "list", dt.date(2026, 10, 2), "AWS", {"us-east-1": {"eks/cluster": 0.2}})
    >>> [(kept.published.day, list(kept.usd_per_hour)) for kept in replace_rates([sheet(1, 0.1)], [fresh])]
    [(1, ['eu-west-1']), (2, ['us-east-1'])]
    """
    fresh = tuple(fresh)
    replaced = {(sheet.offer, region) for sheet in fresh for region in sheet.usd_per_hour}
    kept = (_without(sheet, replaced) for sheet in sheets)
    return (*(sheet for sheet in kept if sheet.usd_per_hour), *fresh)


def _without(sheet: PriceSheet, replaced: set[tuple[str, str]]) -> PriceSheet:
    """The sheet without the Regions that are replaced; seeds stay, a list price wins over them anyway."""
    if sheet.provenance == "seed":
        return sheet
    rates = {r: prices for r, prices in sheet_rates(sheet).items() if (sheet.offer, r) not in replaced}
    return make_sheet(sheet.offer, sheet.provenance, sheet.published, sheet.source, rates)
