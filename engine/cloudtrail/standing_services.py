"""Services that cost the same every hour from their creation to their deletion, whatever is done with them.

Directory Service by size or edition, Kendra by edition, Transfer Family by protocol.
"""

from collections.abc import Callable, Mapping

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import needed, started, told, use
from engine.fields import get, text
from engine.models.cost_event import UsageItem

_DIRECTORIES = "ds.amazonaws.com"
_KENDRA = "kendra.amazonaws.com"
_TRANSFER = "transfer.amazonaws.com"
_MOST_PROTOCOLS = 10


def _creator(resource_type: str, id_field: str, usage: Callable[[Call], UsageItem]) -> Parser:
    def create(call: Call) -> tuple[Part, ...]:
        return started(resource_type, needed(call, told(call, id_field)), [usage(call)])

    return create


def _deleter(resource_type: str, id_field: str) -> Parser:
    def delete(call: Call) -> tuple[Part, ...]:
        return stopped(resource_type, told(call, id_field))

    return delete


def _simple_directory(call: Call) -> UsageItem:
    return use(f"ds/simple/{(text(call.request, 'type') or text(call.request, 'size') or 'small').lower()}", 1)


def _connector(call: Call) -> UsageItem:
    return use(f"ds/connector/{(text(call.request, 'size') or 'small').lower()}", 1)


def _microsoft_directory(call: Call) -> UsageItem:
    return use(f"ds/microsoft/{(text(call.request, 'edition') or 'enterprise').lower()}", 1)


def _index(call: Call) -> UsageItem:
    return use(f"kendra/{(text(call.request, 'edition') or 'enterprise_edition').lower()}", 1)


def _server(call: Call) -> UsageItem:
    protocols = get(call.request, "protocols")
    count = len(protocols) if isinstance(protocols, list) else 1
    return use("transfer/protocol", min(max(count, 1), _MOST_PROTOCOLS))


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_DIRECTORIES, "CreateDirectory"): _creator("directory", "directoryId", _simple_directory),
    (_DIRECTORIES, "ConnectDirectory"): _creator("directory", "directoryId", _connector),
    (_DIRECTORIES, "CreateMicrosoftAD"): _creator("directory", "directoryId", _microsoft_directory),
    (_DIRECTORIES, "DeleteDirectory"): _deleter("directory", "directoryId"),
    (_KENDRA, "CreateIndex"): _creator("kendra_index", "id", _index),
    (_KENDRA, "DeleteIndex"): _deleter("kendra_index", "id"),
    (_TRANSFER, "CreateServer"): _creator("transfer_server", "serverId", _server),
    (_TRANSFER, "DeleteServer"): _deleter("transfer_server", "serverId"),
}
