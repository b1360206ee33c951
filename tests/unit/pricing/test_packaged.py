"""The packaged table as a whole, and which table is loaded."""

import datetime as dt
from pathlib import Path

import pytest

from clients.prices import load_price_table
from clients.prices.files import encode_sheets, replace_file
from clients.prices.packaged import load_packaged_sheets, load_sheets
from engine.errors import InputError
from engine.pricing.checks import find_table_problems
from engine.pricing.sheets import make_sheet
from engine.pricing.table import PriceTable

COMMERCIAL_REGIONS = """
af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1
eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1
me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2
"""


def _write(path: Path, day: dt.date, usd: float = 1.0) -> Path:
    sheet = make_sheet("AmazonEKS", "list", day, "a test", {"us-east-1": {"eks/cluster": usd}})
    replace_file(path, encode_sheets([sheet]))
    return path


def test_no_price_is_zero(table: PriceTable) -> None:
    rates = [rate.usd_per_hour for prices in table.rates.values() for rate in prices.values()]
    assert len(rates) > 60_000
    assert min(rates) > 0


@pytest.mark.parametrize("region", COMMERCIAL_REGIONS.split())
def test_every_commercial_region_sells_ec2_and_rds(table: PriceTable, region: str) -> None:
    for sku in ("ec2/m5.large", "ec2/t3.micro", "rds/postgres/db.t3.micro/single", "ebs/gp3/gb", "nat/hour"):
        rate = table.rate(sku, region)
        assert rate is not None, sku
    assert sum(sku.startswith("ec2/") for sku in table.rates[region]) > 250


def test_the_packaged_table_passes_the_checks_of_a_refresh(table: PriceTable) -> None:
    assert find_table_problems(table, table) == []


def test_database_classes_are_spelled_out(table: PriceTable) -> None:
    sizes = {sku.split("/")[2] for sku in table.rates["us-east-1"] if sku.startswith("rds/mysql/")}
    assert "db.r5.2xlarge" in sizes
    assert not [size for size in sizes if size.endswith("xl")]


def test_the_packaged_file_is_small_and_its_bytes_are_reproducible() -> None:
    packed = encode_sheets(load_packaged_sheets())
    assert packed == encode_sheets(reversed(load_packaged_sheets()))
    assert len(packed) < 300_000
    # Bytes 4 to 8 of a gzip header are the time of writing.
    assert packed[4:8] == bytes(4)


def test_a_newer_file_is_preferred(tmp_path: Path) -> None:
    path = _write(tmp_path / "prices.json.gz", dt.date(2030, 1, 1))
    assert load_price_table(path).published == dt.date(2030, 1, 1)


def test_an_older_file_gives_way_to_the_packaged_table(tmp_path: Path, table: PriceTable) -> None:
    path = _write(tmp_path / "prices.json.gz", dt.date(2020, 1, 1))
    assert load_price_table(path).published == table.published
    assert load_sheets(path) == load_packaged_sheets()


def test_a_file_that_is_not_there_is_no_error(tmp_path: Path, table: PriceTable) -> None:
    assert load_price_table(tmp_path / "none").published == table.published


def test_a_broken_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "prices.json.gz"
    path.write_bytes(b"\x1f\x8bnot really")
    with pytest.raises(InputError, match=r"prices\.json\.gz cannot be used .* Delete it"):
        load_price_table(path)


@pytest.mark.parametrize("usd", [0.0, -1.0, 1e9])
def test_a_price_that_cannot_be_is_refused(tmp_path: Path, usd: float) -> None:
    path = _write(tmp_path / "prices.json.gz", dt.date(2030, 1, 1), usd)
    with pytest.raises(InputError, match=r"eks/cluster in us-east-1 costs .*, which cannot be"):
        load_price_table(path)
