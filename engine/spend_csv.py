"""The bill's days as CSV, by the names FOCUS has for its columns."""

from collections.abc import Iterable, Sequence

from engine.models.spend import DayBill

CSV_NAMES = ("sub_account_id", "charge_period_start", "service_name", "billed_cost", "billing_currency", "is_estimated")
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_rows(day: DayBill) -> list[Sequence[str]]:
    """A row for each service, in the order of ``CSV_NAMES``.

    >>> csv_rows(DayBill(account_id="1", day=None, costs=()))
    []
    """
    estimated = "true" if day.is_estimated else "false"
    return [
        (day.account_id, day.day.isoformat(), _harmless(cost.service), f"{cost.amount:.10f}", cost.currency, estimated)
        for cost in day.costs
    ]


def csv_line(values: Iterable[str]) -> bytes:
    """One line as RFC 4180 has it.

    >>> csv_line(["a", "b,c"]).split()
    [b'a,"b,c"']
    """
    return (",".join(map(_quoted, values)) + "\r\n").encode("utf-8", "backslashreplace")


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if any(char in value for char in ',"\r\n') else value


def _harmless(name: str) -> str:
    """A spreadsheet must not take a name for a formula, whatever blanks it drops before it and however wide it is.

    >>> [_harmless(name) for name in ("=1+1", " =1+1", "\uff1d1+1", "Amazon = S3")]
    ["'=1+1", "' =1+1", "'\uff1d1+1", 'Amazon = S3']
    """
    return f"'{name}" if name.startswith(_FORMULAS) or name.lstrip().startswith(_FORMULAS) else name
