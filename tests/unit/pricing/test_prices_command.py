"""`dd0c prices show`, as a person types it."""

import datetime as dt
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.commands.prices import PricesSetup, prices

PUBLISHED = dt.date(2026, 10, 15)


def _show(tmp_path: Path, *words: str, days_later: int = 1) -> Result:
    setup = PricesSetup(tmp_path, lambda: PUBLISHED + dt.timedelta(days=days_later))
    return CliRunner().invoke(prices, ["show", *words], obj=setup)


def test_a_listed_price_is_explained(tmp_path: Path) -> None:
    shown = _show(tmp_path, "m5.large", "--region", "eu-west-1")
    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == [
        "sku         ec2/m5.large in eu-west-1",
        "price       0.107 USD per hour for one instance",
        "month       78.11 USD in 730 hours",
        "provenance  list (AWS's on-demand price list)",
        "source      AWS price list of 2026-10-15 (bulk API), as packaged by costwatch 1.0.4",
        "published   2026-10-15",
    ]
    assert shown.stderr == ""


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["db.r5.2xlarge", "--engine", "postgres"], "sku         rds/postgres/db.r5.2xlarge/single in us-east-1"),
        (["db.r5.large", "--multi-az"], "price       0.48 USD per hour for one instance"),
        (["cache.m5.large"], "price       0.156 USD per hour for one instance"),
        (["ebs/gp3/gb"], "price       0.000109589 USD per hour for one GB"),
        (["fargate/vcpu"], "price       0.04048 USD per hour for one vCPU"),
        (["M5.LARGE "], "price       0.096 USD per hour for one instance"),
        (["ml.m5.large"], "provenance  estimated (1.25 x ec2/m5.large in us-east-1)"),
        (["kinesis/shard"], "provenance  seed (AWS's published price, entered by hand)"),
    ],
)
def test_names_of_all_kinds_are_understood(tmp_path: Path, words: list[str], line: str) -> None:
    assert line in _show(tmp_path, *words).stdout.splitlines()


def test_an_unknown_name_gives_the_nearest(tmp_path: Path) -> None:
    shown = _show(tmp_path, "m5.lerge")
    assert shown.exit_code == 1
    assert "unknown price in us-east-1: ec2/m5.lerge. The nearest known are ec2/m5.large" in shown.stderr


def test_an_unknown_region_gives_the_nearest(tmp_path: Path) -> None:
    shown = _show(tmp_path, "m5.large", "--region", "eu-wst-1")
    assert shown.exit_code == 1
    assert "The nearest known are eu-west-1" in shown.stderr


@pytest.mark.parametrize(("days_later", "warned"), [(90, False), (91, True)])
def test_old_prices_are_warned_about(tmp_path: Path, days_later: int, warned: bool) -> None:
    shown = _show(tmp_path, "m5.large", days_later=days_later)
    assert shown.exit_code == 0
    assert ("this price is 91 days old" in shown.stderr) == warned


def test_the_command_also_works_on_its_own(tmp_path: Path) -> None:
    shown = CliRunner().invoke(prices, ["show", "m5.large"], env={"HOME": str(tmp_path), "XDG_CONFIG_HOME": ""})
    assert shown.exit_code == 0
    assert "0.096 USD" in shown.stdout


def test_a_broken_refreshed_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "prices.json.gz").write_bytes(b"rubbish")
    shown = _show(tmp_path, "m5.large")
    assert shown.exit_code == 1
    assert "Delete it to go back to the packaged prices" in shown.stderr
