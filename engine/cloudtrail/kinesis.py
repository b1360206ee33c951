"""Kinesis data streams: by shard, or by the hour on demand. Answers are empty, so all is in the requests."""

from collections.abc import Mapping
from functools import partial

from engine.cloudtrail.family import Call, Parser, Part, stopped
from engine.cloudtrail.telling import asked, bare, changed, needed, started, use
from engine.fields import number, text
from engine.models.cost_event import UsageItem
from engine.relative_usage import like

_SOURCE = "kinesis.amazonaws.com"
STREAM = "kinesis_stream"
_SHARD = "kinesis/shard"
_ON_DEMAND = UsageItem("kinesis/on-demand/stream", 1)


def _create(call: Call) -> tuple[Part, ...]:
    usage = [_ON_DEMAND] if _is_on_demand(call) else _shards(call, "shardCount")
    return started(STREAM, needed(call, _stream(call)), usage)


def _resize(call: Call) -> tuple[Part, ...]:
    return changed(STREAM, _stream(call), _shards(call, "targetShardCount"))


def _shards(call: Call, key: str) -> list[UsageItem]:
    """How many shards the call asks for; no stream has none, so a count that is missing or 0 is not known."""
    count = number(call.request, key)
    return [use(_SHARD, count)] if count else []


def _reshard(difference: int, call: Call) -> tuple[Part, ...]:
    """Splitting makes one shard more, merging one less than there were."""
    stream = _stream(call)
    return changed(STREAM, stream, [like(stream), UsageItem(_SHARD, difference)]) if stream else ()


def _change_mode(call: Call) -> tuple[Part, ...]:
    """Going back to shards keeps as many as AWS had made, which nothing tells: the price is unknown then."""
    return changed(STREAM, _stream(call), [_ON_DEMAND] if _is_on_demand(call) else [])


def _delete(call: Call) -> tuple[Part, ...]:
    return stopped(STREAM, _stream(call))


def _is_on_demand(call: Call) -> bool:
    return text(call.request, "streamModeDetails", "streamMode") == "ON_DEMAND"


def _stream(call: Call) -> str | None:
    name = asked(call, "streamName", "streamARN")
    return bare(name) if name else None


PARSERS: Mapping[tuple[str, str], Parser] = {
    (_SOURCE, "CreateStream"): _create,
    (_SOURCE, "UpdateShardCount"): _resize,
    (_SOURCE, "SplitShard"): partial(_reshard, 1),
    (_SOURCE, "MergeShards"): partial(_reshard, -1),
    (_SOURCE, "UpdateStreamMode"): _change_mode,
    (_SOURCE, "DeleteStream"): _delete,
}
