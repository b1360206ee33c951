"""A Parquet file reads back as what was written, and without the library it is said what to do."""

import io
import sys
from datetime import date, timedelta

import pytest
from arro3.io import read_parquet

from clients.parquet import ParquetFiles
from engine.errors import InvalidSetting
from engine.models.spend import DayBill, ServiceCost
from engine.spend_table import columns_of

FIRST = date(2026, 3, 9)


def test_what_is_written_reads_back() -> None:
    costs = ServiceCost('=cmd,"x"', 0.1), ServiceCost("half \ud83d pair", -2.5), ServiceCost("S3", 7.0, "CNY")
    days = [
        DayBill(account_id="1" * 12, day=FIRST + timedelta(days=one), costs=costs, is_estimated=one == 1)
        for one in range(2)
    ]
    written = ParquetFiles().write(columns_of(days))
    table = read_parquet(io.BytesIO(written)).read_all()
    assert table.num_rows == 6
    assert {name: table[name].to_pylist()[2:5] for name in table.column_names} == {
        "sub_account_id": ["1" * 12] * 3,
        "charge_period_start": [FIRST, FIRST + timedelta(days=1), FIRST + timedelta(days=1)],
        "service_name": ["S3", '=cmd,"x"', "half \\ud83d pair"],
        "billed_cost": [7.0, 0.1, -2.5],
        "billing_currency": ["CNY", "USD", "USD"],
        "is_estimated": [False, True, True],
    }


def test_a_file_of_nothing_has_its_columns() -> None:
    table = read_parquet(io.BytesIO(ParquetFiles().write(columns_of([])))).read_all()
    assert (table.num_rows, len(table.column_names)) == (0, 6)


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "arro3.core", None)
    with pytest.raises(InvalidSetting, match="the extra `parquet`"):
        ParquetFiles().require()
