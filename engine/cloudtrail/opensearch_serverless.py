"""OpenSearch Serverless: a collection keeps a least capacity running, whether anybody searches or not.

Half a unit each for indexing and for searching, twice with standby replicas. Collections with the same key share their
capacity, so a second one may cost less than is said here.
"""

from collections.abc import Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import asked, needed, started, told, use

_SOURCE = "aoss.amazonaws.com"
COLLECTION = "opensearch_collection"
_LABELS = ("least capacity",)
_LEAST_UNITS = 2
_LEAST_UNITS_WITHOUT_STANDBY = 1


def _create(call: Call) -> tuple[Part, ...]:
    standby = asked(call, "standbyReplicas", "createCollectionDetail.standbyReplicas")
    units = _LEAST_UNITS_WITHOUT_STANDBY if standby == "DISABLED" else _LEAST_UNITS
    return started(COLLECTION, needed(call, told(call, "createCollectionDetail.id")), [use("aoss/ocu", units)], _LABELS)


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(COLLECTION, asked(call, "id", "deleteCollectionDetail.id"))


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateCollection"): _create,
    (_SOURCE, "DeleteCollection"): _delete,
}
