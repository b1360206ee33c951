"""DynamoDB tables: provisioned capacity of the table and each of its indexes; on demand, an idle table is free."""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import asked, bare, changed, needed, started, use
from engine.fields import Json, get, items, number, text
from engine.models.cost_event import UsageItem

_SOURCE = "dynamodb.amazonaws.com"
TABLE = "dynamodb_table"
_THROUGHPUT = "provisionedThroughput"
_INDEXES = "globalSecondaryIndexes"
_INDEX_UPDATES = "globalSecondaryIndexUpdates"
_OVERRIDES = {"provisionedThroughputOverride": _THROUGHPUT, "globalSecondaryIndexOverride": _INDEXES}
_ON_DEMAND = UsageItem("dynamodb/idle/on-demand", 1)


def _create(call: Call) -> tuple[Part, ...]:
    return started(TABLE, needed(call, _table(call)), _usage(call))


def _update(call: Call) -> tuple[Part, ...]:
    if not any(get(call.request, key) for key in (_THROUGHPUT, _INDEX_UPDATES, "billingMode")):
        return ()
    return changed(TABLE, _table(call), _usage(call))


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(TABLE, _table(call))


def _usage(call: Call) -> tuple[UsageItem, ...]:
    """The capacities as they will be: what is described, and over it what the request asks for."""
    capacities = _described(call)
    if _is_on_demand(call):
        return (_ON_DEMAND,)
    reads = sum(number(one, "readCapacityUnits") or 0 for one in capacities.values())
    writes = sum(number(one, "writeCapacityUnits") or 0 for one in capacities.values())
    return (use("dynamodb/rcu", reads), use("dynamodb/wcu", writes)) if reads or writes else (_ON_DEMAND,)


def _is_on_demand(call: Call) -> bool:
    mode = asked(call, "billingModeOverride", "billingMode", "tableDescription.billingModeSummary.billingMode")
    return mode == "PAY_PER_REQUEST"


def _described(call: Call) -> dict[str, Json]:
    """Provisioned throughput by the name of the index; the table's own is that of the empty name."""
    wanted = {_OVERRIDES.get(key, key): value for key, value in call.request.items()}
    imported = get(wanted, "tableCreationParameters")
    found: dict[str, Json] = {}
    for place in (get(call.response, "tableDescription"), imported, wanted):
        found |= _throughputs(place)
    for update in items(call.request, _INDEX_UPDATES):
        found |= _indexes([*items(update, "create"), *items(update, "update")])
        for gone in items(update, "delete"):
            found.pop(text(gone, "indexName") or "", None)
    return found


def _throughputs(table: object) -> dict[str, Json]:
    own = get(table, _THROUGHPUT)
    return ({"": own} if isinstance(own, dict) else {}) | _indexes(items(table, _INDEXES))


def _indexes(indexes: list[Json]) -> dict[str, Json]:
    found = {text(one, "indexName") or "?": get(one, _THROUGHPUT) for one in indexes}
    return {name: one for name, one in found.items() if isinstance(one, dict)}


def _table(call: Call) -> str | None:
    name = asked(
        call,
        "targetTableName",
        "tableName",
        "tableCreationParameters.tableName",
        "tableDescription.tableName",
    )
    return bare(name) if name else None


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateTable"): _create,
    (_SOURCE, "RestoreTableFromBackup"): _create,
    (_SOURCE, "RestoreTableToPointInTime"): _create,
    (_SOURCE, "ImportTable"): _create,
    (_SOURCE, "UpdateTable"): _update,
    (_SOURCE, "DeleteTable"): _delete,
}
