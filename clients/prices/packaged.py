"""The price table that comes with the program, and the refreshed one an operator may have beside it."""

import datetime as dt
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from clients.prices.files import decode_sheets
from engine.errors import InputError
from engine.pricing.sheets import PriceSheet, check_sheet
from engine.pricing.table import PriceTable


def load_price_table(path: Path | None = None) -> PriceTable:
    """Load the newest price table at hand: the one at ``path`` if it exists and is not older, else the packaged one.

    Raises:
        InputError: the file at ``path`` exists but cannot be used; the text says what to do.
    """
    return PriceTable.from_sheets(load_sheets(path))


def load_sheets(path: Path | None = None) -> tuple[PriceSheet, ...]:
    """Load the sheets `load_price_table` builds its table from.

    Raises:
        InputError: the file at ``path`` exists but cannot be used; the text says what to do.
    """
    packaged = load_packaged_sheets()
    if path is None or not path.exists():
        return packaged
    refreshed = _read_sheets(path)
    return packaged if _newest(packaged) > _newest(refreshed) else refreshed


def load_packaged_sheets() -> tuple[PriceSheet, ...]:
    """Load the sheets that come with the program."""
    packed = resources.files("clients.prices").joinpath("data", "prices.json.gz").read_bytes()
    return decode_sheets(packed)


def _read_sheets(path: Path) -> tuple[PriceSheet, ...]:
    try:
        sheets = decode_sheets(path.read_bytes())
        for sheet in sheets:
            check_sheet(sheet)
    except (InputError, OSError) as error:
        raise InputError(
            f"The price table {path} cannot be used ({error}). "
            "Delete it to go back to the packaged prices, or write it anew with `dd0c prices refresh`."
        ) from error
    return sheets


def _newest(sheets: Iterable[PriceSheet]) -> dt.date:
    return max((sheet.published for sheet in sheets), default=dt.date.min)
