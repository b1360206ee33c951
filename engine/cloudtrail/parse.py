"""One record in, the changes of cost it stands for out."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.cloudtrail.actors import find_actor
from engine.cloudtrail.cautions import find_cautions
from engine.cloudtrail.ec2_quick import QUICK_PARSERS
from engine.cloudtrail.family import Call, Parser, Part
from engine.cloudtrail.record import CloudTrailRecord, decode_object, utc_time
from engine.cloudtrail.registry import find_parser
from engine.cloudtrail.snapshots_told import find_final_snapshots, find_snapshots
from engine.cloudtrail.trial import ON_TRIAL, find_on_trial
from engine.errors import MalformedRecord
from engine.flags import Flag
from engine.models.caution import Caution
from engine.models.cost_event import Actor, Change, CostEvent

_NO_FLAGS: frozenset[Flag] = frozenset()
_UNKNOWN_REGION = "unknown"
_LONGEST_ID = 128
_LONGEST_REGION = 64
_LONGEST_ADDRESS = 256


def parse(record: CloudTrailRecord, on: frozenset[Flag] = _NO_FLAGS) -> tuple[CostEvent, ...]:
    """Give the cost events of a record, without prices yet; most records have none.

    ``on`` are the flags that are on for its account: parsers on trial are used behind theirs only.

    A record with an error code, be it an empty one, bought nothing, and neither did a dry run, which is one of those.
    Raises MalformedRecord when a call that changes cost lacks what it must say.

    >>> from engine.cloudtrail.record import decode_record
    >>> parse(decode_record(b'{"eventSource": "kms.amazonaws.com", "eventName": "Decrypt",'
    ...                     b' "eventTime": "2026-01-05T10:00:00Z"}'))
    ()
    """
    on_trial = find_on_trial(record.event_source, record.event_name, on) if ON_TRIAL else None
    found = on_trial or find_parser(record.event_source, record.event_name)
    if found is None or record.error_code is not None:
        return ()
    return _parse_call(record, *found)


def _parse_call(record: CloudTrailRecord, event_name: str, parser: Parser) -> tuple[CostEvent, ...]:
    _check_names(record, event_name)
    call, parts = _understand(record, event_name, parser)
    actor, account_id = find_actor(record)
    return tuple([_cost_event(record, call, actor, account_id, numbered) for numbered in enumerate(parts)])


def _understand(record: CloudTrailRecord, event_name: str, parser: Parser) -> tuple[Call, Sequence[Part]]:
    """Read the parts; parameters and answer are only made into dicts where a quick look does not do."""
    key = (record.event_source, event_name)
    is_usual = key not in ON_TRIAL or parser is not ON_TRIAL[key].parser
    read_quickly = QUICK_PARSERS.get(key) if is_usual else None
    parts = read_quickly(record) if read_quickly else None
    if parts is not None:
        return Call(event_name, {}, {}), parts
    call = Call(
        event_name,
        decode_object(record.request_parameters),
        decode_object(record.response_elements),
        decode_object(record.service_event_details),
    )
    return call, parser(call)


def _cost_event(
    record: CloudTrailRecord, call: Call, actor: Actor, account_id: str, numbered: tuple[int, Part]
) -> CostEvent:
    number, part = numbered
    event_time = utc_time(record)
    return CostEvent(
        event_id=record.event_id,
        part=number,
        account_id=account_id,
        event_name=call.name,
        event_time=event_time,
        region=record.aws_region or _UNKNOWN_REGION,
        service=record.event_source.removesuffix(".amazonaws.com"),
        resource_type=part.resource_type,
        resource_ids=part.resource_ids,
        quantity=part.quantity,
        actor=actor,
        change=part.change,
        usage=part.usage,
        labels=part.labels,
        source_ip=(record.source_ip or "")[:_LONGEST_ADDRESS],
        upfront_cost=part.upfront_cost,
        group=part.group,
        ends_by=None if part.longest is None else _later(event_time, part.longest),
        cautions=_cautions(call, part, record.source_ip or "", event_time),
    )


def _cautions(call: Call, part: Part, source_ip: str, at: datetime) -> tuple[Caution, ...]:
    if part.change is Change.STOP:
        return find_final_snapshots(call, part.resource_ids, at)
    return (*find_cautions(call, source_ip, part.group), *find_snapshots(call, at))


def _later(time: datetime, seconds: float) -> datetime | None:
    """A record from the end of all time is no reason to stop."""
    try:
        return time + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _check_names(record: CloudTrailRecord, event_name: str) -> None:
    """Refuse what cannot become a key: no id, or texts no AWS service ever wrote."""
    if not record.event_id:
        raise MalformedRecord(f"{event_name} has no eventID, so a second copy of it could not be told apart")
    if len(record.event_id) > _LONGEST_ID or len(record.aws_region) > _LONGEST_REGION:
        raise MalformedRecord(f"{event_name} has an eventID or awsRegion that is too long to be one")
