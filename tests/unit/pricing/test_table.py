"""Estimates: marked, sound, and never zero."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.pricing.scaling import SIZE_UNITS, parse_sized_sku
from engine.pricing.sheets import PriceSheet, SheetProvenance, make_sheet, replace_rates, sheet_rates
from engine.pricing.table import Basis, PriceTable, Rate

DAY = dt.date(2026, 10, 15)

SKU_WORDS = st.sampled_from(
    [
        *("ec2", "rds", "mysql", "aurora-mysql", "db.r5.large", "db.r5.7xlarge", "m5.metal", "m5.3xlarge"),
        *("sagemaker", "ml.m5.large", "elasticache", "redis", "cache.m5.xlarge", "storage", "gp3", "single", "multi"),
    ]
)
SKUS = st.one_of(st.text(), st.lists(SKU_WORDS | st.text(max_size=3), max_size=5).map("/".join))
REGIONS = st.sampled_from(["us-east-1", "eu-west-1", "ap-south-2", "us-gov-west-1", "", "mars-north-1"])


def _table(**regions: dict[str, float]) -> PriceTable:
    """A table of EC2 and EBS prices; ``us_east_1`` stands for us-east-1."""
    rates = {name.replace("_", "-"): prices for name, prices in regions.items()}
    return PriceTable.from_sheets([make_sheet("AmazonEC2", "list", DAY, "a test", rates)])


@given(sku=SKUS, region=REGIONS)
def test_any_sku_is_priced_above_zero_or_unknown(table: PriceTable, sku: str, region: str) -> None:
    rate = table.rate(sku, region)
    assert rate is None or rate.usd_per_hour > 0
    assert (rate is None) == (table.edition(sku, region) is None)


@given(st.sampled_from(["m5", "c6i", "r7g", "t3", "m8g", "c5"]), st.sampled_from(sorted(SIZE_UNITS)))
def test_sizes_cost_in_proportion(table: PriceTable, family: str, size: str) -> None:
    large = table.rate(f"ec2/{family}.large", "eu-west-1")
    other = table.rate(f"ec2/{family}.{size}", "eu-west-1")
    assert large is not None
    assert other is not None
    expected = large.usd_per_hour * SIZE_UNITS[size] / SIZE_UNITS["large"]
    assert other.usd_per_hour == pytest.approx(expected, rel=0.02)


def test_a_listed_price_is_not_estimated(table: PriceTable) -> None:
    assert table.rate("ec2/m5.large", "eu-west-1") == Rate(0.107, "list")


def test_an_unknown_region_has_no_prices(table: PriceTable) -> None:
    assert table.rate("ec2/m5.large", "cn-north-1") is None


def test_a_service_without_prices_in_a_region_costs_the_regions_ratio() -> None:
    table = _table(
        us_east_1={"ec2/m5.large": 0.1, "ec2/c5.large": 0.1, "ec2/r5.large": 0.1, "nat/hour": 0.045},
        eu_west_1={"ec2/m5.large": 0.11, "ec2/c5.large": 0.12, "ec2/r5.large": 0.2},
    )
    rate = table.rate("nat/hour", "eu-west-1")
    assert rate is not None
    assert rate.usd_per_hour == pytest.approx(0.045 * 1.2)
    assert rate.provenance == "estimated"


def test_regions_that_share_no_type_with_us_east_1_are_not_guessed() -> None:
    table = _table(us_east_1={"ec2/m5.large": 0.1, "nat/hour": 0.045}, eu_west_1={"ec2/x9.large": 0.11})
    assert table.rate("nat/hour", "eu-west-1") is None


def test_another_size_in_the_region_goes_before_another_region() -> None:
    table = _table(us_east_1={"ec2/m5.large": 0.1, "ec2/m5.xlarge": 0.2}, eu_west_1={"ec2/m5.large": 0.15})
    assert table.rate("ec2/m5.xlarge", "eu-west-1") == Rate(0.3, "estimated")


@pytest.mark.parametrize("sku", ["ec2/g5.xlarge", "ec2/p5.4xlarge", "ec2/m5.metal", "ec2/u-6tb1.56xlarge"])
def test_nothing_is_derived_for_families_that_do_not_scale(sku: str) -> None:
    family = sku.rpartition(".")[0]
    table = _table(us_east_1={f"{family}.24xlarge": 10.0, f"{family}.2xlarge": 1.0})
    assert table.rate(sku, "us-east-1") is None


def test_sagemaker_is_ec2_and_a_quarter(table: PriceTable) -> None:
    assert table.rate("sagemaker/ml.m5.xlarge", "us-east-1") == Rate(0.192 * 1.25, "estimated")


def test_memcached_without_a_price_costs_what_redis_costs(table: PriceTable) -> None:
    assert table.rate("elasticache/memcached/cache.m5.large", "us-east-1") == Rate(0.156, "estimated")


def test_multi_az_without_a_price_is_two_of_single_az() -> None:
    prices = {"us-east-1": {"rds/mysql/db.r5.large/single": 0.24, "rds/aurora-mysql/db.r5.large/single": 0.29}}
    table = PriceTable.from_sheets([make_sheet("AmazonRDS", "list", DAY, "a test", prices)])
    assert table.rate("rds/mysql/db.r5.large/multi", "us-east-1") == Rate(0.48, "estimated")
    assert table.rate("rds/aurora-mysql/db.r5.large/multi", "us-east-1") == Rate(0.29, "estimated")


@pytest.mark.parametrize("engine", ["oracle-ee", "sqlserver-se", "docdb", "neptune"])
def test_engines_without_prices_are_unknown(table: PriceTable, engine: str) -> None:
    assert table.rate(f"rds/{engine}/db.r5.large/single", "us-east-1") is None


def test_an_estimate_says_what_it_rests_on(table: PriceTable) -> None:
    assert table.basis("ec2/m5.6xlarge", "us-east-1") == Basis("ec2/m5.8xlarge", "us-east-1", 0.75)
    edition = table.edition("kinesis/shard", "eu-west-1")
    assert edition is not None
    assert "two independent sources" in edition.source


def test_a_list_price_wins_over_a_seed_and_a_newer_one_over_an_older() -> None:
    def sheet(provenance: SheetProvenance, day: int, usd: float) -> PriceSheet:
        rates = {"us-east-1": {"eks/cluster": usd}}
        return make_sheet("AmazonEKS", provenance, dt.date(2026, 10, day), f"day {day}", rates)

    table = PriceTable.from_sheets([sheet("list", 2, 0.2), sheet("seed", 3, 0.3), sheet("list", 1, 0.1)])
    assert table.rate("eks/cluster", "us-east-1") == Rate(0.2, "list")
    assert (table.published, table.source) == (dt.date(2026, 10, 2), "day 2")


def test_seeds_survive_a_refresh_that_does_not_bring_them() -> None:
    old = make_sheet("AWSELB", "seed", DAY, "hand", {"us-east-1": {"elb/gateway": 0.0125}})
    fresh = make_sheet("AWSELB", "list", DAY, "AWS", {"us-east-1": {"elb/application": 0.0225}})
    table = PriceTable.from_sheets(replace_rates([old], [fresh]))
    assert table.rate("elb/gateway", "us-east-1") == Rate(0.0125, "seed")


def test_a_table_without_sheets_is_refused() -> None:
    with pytest.raises(InputError, match="empty"):
        PriceTable.from_sheets([])


@pytest.mark.parametrize(
    ("skus", "column", "reason"),
    [
        (("eks/cluster",), (float("nan"),), "costs nan"),
        (("eks/cluster",), (float("inf"),), "costs inf"),
        (("eks/cluster",), (), "0 prices for 1 SKUs"),
        (("eks/cluster", "eks/cluster"), (1.0, 1.0), "listed twice"),
        (("ec2/m5.large",), (1.0,), "not one of this offer's"),
    ],
)
def test_a_sheet_that_contradicts_itself_is_refused(
    skus: tuple[str, ...], column: tuple[float, ...], reason: str
) -> None:
    sheet = PriceSheet("AmazonEKS", "list", DAY, "a test", skus, {"us-east-1": column})
    with pytest.raises(InputError, match=reason):
        PriceTable.from_sheets([sheet])


@given(
    st.dictionaries(
        st.sampled_from(["us-east-1", "eu-west-1"]),
        st.dictionaries(st.text(max_size=5), st.floats(0.001, 100), min_size=1),
    )
)
def test_a_sheet_gives_back_the_rates_it_was_made_of(rates: dict[str, dict[str, float]]) -> None:
    assert sheet_rates(make_sheet("AmazonEC2", "list", DAY, "a test", rates)) == rates


@given(st.text())
def test_any_text_is_a_sized_sku_or_not(text: str) -> None:
    sized = parse_sized_sku(text)
    assert sized is None or sized.resized(sized.size) == text
