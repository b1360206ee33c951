"""Tables as Parquet files. The library is the extra ``parquet``: who never exports any needs none (decisions/0033)."""

import importlib
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from engine.errors import InvalidSetting
from engine.spend_table import Column

_EPOCH = date(1970, 1, 1)
_MISSING = (
    "This installation writes no Parquet: its operator installs the extra `parquet`, which is in the image. "
    "The same rows come as CSV from /v1/spend/export."
)


class ParquetFiles:
    """Writes whole files in memory."""

    def require(self) -> None:
        """Raise InvalidSetting, with what to do, where the library is missing."""
        _library()

    def write(self, columns: Mapping[str, Column]) -> bytes:
        """Give a file with these columns, all of the same length."""
        core, files = _library()
        arrays = [_array(core, column) for column in columns.values()]
        written = io.BytesIO()
        files.write_parquet(core.Table.from_arrays(arrays, names=list(columns)), written)
        return written.getvalue()


def _library() -> tuple[Any, Any]:
    try:
        return importlib.import_module("arro3.core"), importlib.import_module("arro3.io")
    except ImportError:
        raise InvalidSetting(_MISSING) from None


def _array(core: Any, column: Column) -> Any:
    kinds = core.DataType
    if column.kind is date:
        days = [(one - _EPOCH).days for one in _dates(column.values)]
        return core.Array(days, kinds.int32()).cast(kinds.date32())
    return core.Array(list(column.values), {str: kinds.utf8, float: kinds.float64, bool: kinds.bool}[column.kind]())


def _dates(values: Sequence[Any]) -> Sequence[date]:
    return values
