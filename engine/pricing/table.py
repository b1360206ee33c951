"""The price table: what one unit of a SKU costs per hour in a Region, and how we know.

A price that is not on the list is estimated where that is sound, and says so; otherwise it is unknown, never 0.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from statistics import median

import msgspec

from engine.errors import InputError
from engine.pricing.scaling import nearest_sibling
from engine.pricing.sheets import PriceSheet, check_sheet, offer_of, region_rows

HOME_REGION = "us-east-1"
SAGEMAKER_FACTOR = 1.25

ESTIMATED = "estimated"


class Rate(msgspec.Struct, frozen=True, gc=False):
    """List (on-demand) USD per hour for one unit of a SKU; ``provenance`` is "list", "seed" or "estimated"."""

    usd_per_hour: float
    provenance: str


class Edition(msgspec.Struct, frozen=True):
    """Where a price was printed: ``source`` is a sentence for people."""

    published: dt.date
    source: str


class Basis(msgspec.Struct, frozen=True):
    """What an estimate rests on: ``factor`` times the price of ``sku`` in ``region``."""

    sku: str
    region: str
    factor: float


class PriceTable(msgspec.Struct, frozen=True, eq=False):
    """Prices of all known SKUs by Region; made with `from_sheets`, never changed afterwards.

    Attributes:
        published: the newest publication date in the table.
        source: where that edition came from.
        rates: known prices by Region and SKU.
        editions: by (offer, Region, provenance).
        ratios: how expensive a Region is against us-east-1 (median over the EC2 types both sell).
    """

    published: dt.date
    source: str
    rates: Mapping[str, Mapping[str, Rate]]
    editions: Mapping[tuple[str, str, str], Edition]
    ratios: Mapping[str, float]

    @classmethod
    def from_sheets(cls, sheets: Iterable[PriceSheet]) -> "PriceTable":
        """Build a table; a list price wins over a seed, a newer edition over an older one.

        Raises:
            InputError: there is no sheet, or one fails `check_sheet`.

        >>> from engine.pricing.sheets import make_sheet
        >>> prices = {"us-east-1": {"ec2/m5.large": 0.096}, "eu-west-1": {"ec2/m5.large": 0.107}}
        >>> table = PriceTable.from_sheets([make_sheet("AmazonEC2", "list", dt.date(2026, 10, 15), "AWS", prices)])
        >>> table.rate("ec2/m5.large", "eu-west-1")
        Rate(usd_per_hour=0.107, provenance='list')
        """
        ranked = sorted(sheets, key=lambda sheet: (sheet.provenance == "list", sheet.published))
        if not ranked:
            raise InputError("the price table is empty")
        rates: dict[str, dict[str, Rate]] = {}
        for sheet in ranked:
            check_sheet(sheet)
            _add_rows(rates, sheet)
        newest = ranked[-1]
        return cls(newest.published, newest.source, rates, _editions(ranked), _ratios(rates))

    def rate(self, sku: str, region: str) -> Rate | None:
        """Price one unit of a SKU per hour, or None where it is unknown (no such Region, no such SKU).

        Doubling for Multi-AZ storage and free allowances (3,000 IOPS of gp3) are the caller's business.

        >>> from engine.pricing.sheets import make_sheet
        >>> prices = {"us-east-1": {"ec2/m5.large": 0.096}}
        >>> table = PriceTable.from_sheets([make_sheet("AmazonEC2", "list", dt.date(2026, 10, 15), "AWS", prices)])
        >>> table.rate("ec2/m5.xlarge", "us-east-1")
        Rate(usd_per_hour=0.192, provenance='estimated')
        >>> table.rate("ec2/m5.large", "mars-north-1") is None
        True
        """
        rates = self.rates.get(region)
        if rates is None:
            return None
        return rates.get(sku) or self._estimate(sku, region)

    def basis(self, sku: str, region: str) -> Basis | None:
        """What the estimate of a SKU without a known price rests on, or None if nothing sound is at hand.

        In this order: SageMaker from EC2, another size of the same family in the Region, Memcached from Redis,
        Multi-AZ from Single-AZ, and last us-east-1's price times the Region's ratio.

        >>> from engine.pricing.sheets import make_sheet
        >>> prices = {"us-east-1": {"ec2/m5.large": 0.096}}
        >>> table = PriceTable.from_sheets([make_sheet("AmazonEC2", "list", dt.date(2026, 10, 15), "AWS", prices)])
        >>> table.basis("sagemaker/ml.m5.large", "us-east-1")
        Basis(sku='ec2/m5.large', region='us-east-1', factor=1.25)
        """
        rates = self.rates.get(region, {})
        if sku.startswith("sagemaker/ml."):
            return Basis(f"ec2/{sku.removeprefix('sagemaker/ml.')}", region, SAGEMAKER_FACTOR)
        if sibling := nearest_sibling(sku, rates):
            return Basis(sibling[0], region, sibling[1])
        if sku.startswith("elasticache/memcached/"):
            return Basis(sku.replace("memcached", "redis", 1), region, 1.0)
        if sku.startswith("rds/") and sku.endswith("/multi"):
            return Basis(f"{sku.removesuffix('/multi')}/single", region, _multi_az_factor(sku))
        if region != HOME_REGION and region in self.ratios:
            return Basis(sku, HOME_REGION, self.ratios[region])
        return None

    def edition(self, sku: str, region: str) -> Edition | None:
        """Where the price of a SKU was printed; for an estimate, where the price it rests on was.

        >>> from engine.pricing.sheets import make_sheet
        >>> prices = {"us-east-1": {"ec2/m5.large": 0.096}}
        >>> table = PriceTable.from_sheets([make_sheet("AmazonEC2", "list", dt.date(2026, 10, 15), "AWS", prices)])
        >>> table.edition("sagemaker/ml.m5.xlarge", "us-east-1").source
        'AWS'
        """
        known = self.rates.get(region, {}).get(sku)
        if known is not None:
            return self.editions[offer_of(sku) or "", region, known.provenance]
        basis = self.basis(sku, region)
        return None if basis is None else self.edition(basis.sku, basis.region)

    def _estimate(self, sku: str, region: str) -> Rate | None:
        basis = self.basis(sku, region)
        known = None if basis is None else self.rate(basis.sku, basis.region)
        if basis is None or known is None:
            return None
        return Rate(known.usd_per_hour * basis.factor, ESTIMATED)


def _multi_az_factor(sku: str) -> float:
    """Multi-AZ pays for a standby of the same size; Aurora pays for each instance on its own."""
    return 1.0 if sku.startswith("rds/aurora") else 2.0


def _add_rows(rates: dict[str, dict[str, Rate]], sheet: PriceSheet) -> None:
    # Many rows cost the same, and sharing the Rate halves the memory of the table.
    shared: dict[float, Rate] = {}
    for region in sheet.usd_per_hour:
        known = rates.setdefault(region, {})
        for sku, usd in region_rows(sheet, region):
            known[sku] = shared.get(usd) or shared.setdefault(usd, Rate(usd, sheet.provenance))


def _editions(sheets: Iterable[PriceSheet]) -> dict[tuple[str, str, str], Edition]:
    return {
        (sheet.offer, region, sheet.provenance): Edition(sheet.published, sheet.source)
        for sheet in sheets
        for region in sheet.usd_per_hour
    }


def _ratios(rates: Mapping[str, Mapping[str, Rate]]) -> dict[str, float]:
    home = rates.get(HOME_REGION, {})
    ratios = {region: _ratio(prices, home) for region, prices in rates.items()}
    return {region: ratio for region, ratio in ratios.items() if ratio is not None}


def _ratio(prices: Mapping[str, Rate], home: Mapping[str, Rate]) -> float | None:
    quotients = [
        rate.usd_per_hour / home[sku].usd_per_hour
        for sku, rate in prices.items()
        if sku.startswith("ec2/") and sku in home
    ]
    return median(quotients) if quotients else None
