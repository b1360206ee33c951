"""The instance types the price table knows, against slips of the pen."""

from engine.command_line.nearest import did_you_mean
from engine.pricing.table import HOME_REGION, PriceTable


def doubt_about(resource_type: str, table: PriceTable) -> str:
    """Say that no price of an instance type is known, and which one was probably meant; empty where there is no doubt.

    Only instance types have a dot in their names, so of nothing else anything is said.

    >>> from engine.pricing.sheets import make_sheet
    >>> import datetime as dt
    >>> prices = {"us-east-1": {"ec2/m5.large": 0.096}}
    >>> table = PriceTable.from_sheets([make_sheet("AmazonEC2", "list", dt.date(2026, 10, 15), "AWS", prices)])
    >>> doubt_about("m5.lage", table)
    'No price of `m5.lage` is known. Did you mean `m5.large`?'
    >>> doubt_about("m5.large", table), doubt_about("nat_gateway", table)
    ('', '')
    """
    if "." not in resource_type:
        return ""
    skus = table.rates[HOME_REGION]
    types = {part for sku in skus for part in sku.split("/") if "." in part}
    return (
        "" if resource_type in types else f"No price of `{resource_type}` is known.{did_you_mean(resource_type, types)}"
    )
