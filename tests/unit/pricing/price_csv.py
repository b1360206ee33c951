"""CSV files in the shape of AWS's price list: five lines of metadata, the header, a price a row."""

import csv
import io
from collections.abc import Iterable

_PRICE_COLUMNS = (
    "SKU,OfferTermCode,RateCode,TermType,PriceDescription,EffectiveDate,StartingRange,EndingRange,Unit,"
    "PricePerUnit,Currency,RelatedTo,LeaseContractLength,PurchaseOption,OfferingClass,Product Family,serviceCode,"
    "Location,Location Type"
)
_LAST_COLUMNS = "usageType,operation,Region Code,serviceName"
_OFFER_COLUMNS = {
    "AmazonEC2": (
        "Instance Type,Current Generation,Instance Family,vCPU,Physical Processor,Clock Speed,Memory,Storage,"
        "Network Performance,Processor Architecture,Storage Media,Volume Type,Max Volume Size,Max IOPS/volume,"
        "Provisioned,Tenancy,EBS Optimized,Operating System,License Model,Group,Group Description,CapacityStatus,"
        "MarketOption,Pre Installed S/W,Volume API Name"
    ),
    "AmazonRDS": (
        "Instance Type,Current Generation,Instance Family,vCPU,Memory,Storage,Volume Type,Engine Code,"
        "Database Engine,Database Edition,License Model,Deployment Option,Volume Name"
    ),
    "AmazonElastiCache": "Instance Type,vCPU,Memory,Cache Engine",
}
_OTHER_COLUMNS = "Instance Type,Group"

Row = dict[str, str]


def price_row(usd: float | str, unit: str = "Hrs", **columns: str) -> Row:
    """One on-demand row of a Region's own file; underscores in ``columns`` stand for spaces."""
    common = {
        "SKU": "2ZP5PG9E2XB6ZSQH",
        "OfferTermCode": "JRTCKXETXF",
        "TermType": "OnDemand",
        "PriceDescription": f'${usd} per "{unit}", list price',
        "StartingRange": "0",
        "EndingRange": "Inf",
        "Unit": unit,
        "PricePerUnit": usd if isinstance(usd, str) else f"{usd:.10f}",
        "Currency": "USD",
        "Location Type": "AWS Region",
        "Region Code": "us-east-1",
    }
    return common | {name.replace("_", " "): text for name, text in columns.items()}


def ec2_row(instance_type: str, usd: float | str, **columns: str) -> Row:
    """The on-demand Linux price of an EC2 type; ``columns`` make it something else."""
    shape = {
        "Product_Family": "Compute Instance",
        "Instance_Type": instance_type,
        "Tenancy": "Shared",
        "Operating_System": "Linux",
        "License_Model": "No License required",
        "CapacityStatus": "Used",
        "MarketOption": "OnDemand",
        "Pre_Installed_S/W": "NA",
        "usageType": f"BoxUsage:{instance_type}",
        "operation": "RunInstances",
    }
    return price_row(usd, **(shape | columns))


def rds_row(instance_class: str, usd: float | str, **columns: str) -> Row:
    """The Single-AZ MySQL price of a database class; ``columns`` make it something else."""
    shape = {
        "Product_Family": "Database Instance",
        "Instance_Type": instance_class,
        "Database_Engine": "MySQL",
        "License_Model": "No license required",
        "Deployment_Option": "Single-AZ",
        # The usage type abbreviates the size; a reader that takes the class from here is wrong.
        "usageType": f"InstanceUsage:{instance_class.replace('xlarge', 'xl')}",
        "operation": "CreateDBInstance:0002",
    }
    return price_row(usd, **(shape | columns))


def offer_csv(offer: str, rows: Iterable[Row], published: str = "2026-11-20T17:02:11Z") -> str:
    """A whole file."""
    columns = (_PRICE_COLUMNS, _OFFER_COLUMNS.get(offer, _OTHER_COLUMNS), _LAST_COLUMNS)
    header = ",".join(columns).split(",")
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(_metadata(offer, published))
    writer.writerow(header)
    writer.writerows([row.get(column, "") for column in header] for row in rows)
    return text.getvalue()


def _metadata(offer: str, published: str) -> list[tuple[str, str]]:
    return [
        ("FormatVersion", "v1.0"),
        ("Disclaimer", "For information only; all prices are subject to the terms on the pricing pages."),
        ("Publication Date", published),
        ("Version", "20261120170211"),
        ("OfferCode", offer),
    ]
