"""Records that cost nothing but often come before something that does: failed launches, larger quotas, new Regions."""

from collections.abc import Callable, Mapping

from engine.cloudtrail.actors import find_actor
from engine.cloudtrail.ec2_calls import asked_text
from engine.cloudtrail.family import Call
from engine.cloudtrail.record import CloudTrailRecord, decode_object, utc_time
from engine.fields import number, text
from engine.models.precursor import Precursor, PrecursorKind

_EC2 = "ec2.amazonaws.com"
_DRY_RUN = "DryRunOperation"
_LONGEST_NAME = 128
_LONGEST_ADDRESS = 256

_Sentence = Callable[[Call, str | None], str | None]


def parse_precursor(record: CloudTrailRecord) -> Precursor | None:
    """Give what a record foretells, None for nearly all: those cost one look into a table.

    Raises MalformedRecord when a record that may foretell something cannot be read.

    >>> from engine.cloudtrail.record import decode_record
    >>> parse_precursor(decode_record(b'{"eventSource": "kms.amazonaws.com", "eventName": "Decrypt",'
    ...                               b' "eventTime": "2026-01-05T10:00:00Z"}')) is None
    True
    """
    found = _TELLERS.get((record.event_source, record.event_name))
    if found is None or not 0 < len(record.event_id) <= _LONGEST_NAME:
        return None
    kind, tell = found
    call = Call(record.event_name, decode_object(record.request_parameters), decode_object(record.response_elements))
    sentence = tell(call, record.error_code)
    return None if sentence is None else _precursor(record, kind, sentence)


def may_foretell(event_source: str, event_name: str) -> bool:
    """Whether a call of this name may be a precursor.

    >>> may_foretell("ec2.amazonaws.com", "RunInstances"), may_foretell("kms.amazonaws.com", "Decrypt")
    (True, False)
    """
    return (event_source, event_name) in _TELLERS


def _precursor(record: CloudTrailRecord, kind: PrecursorKind, sentence: str) -> Precursor:
    actor, account_id = find_actor(record)
    return Precursor(
        kind=kind,
        event_id=record.event_id,
        account_id=account_id,
        event_time=utc_time(record),
        region=record.aws_region[:_LONGEST_NAME],
        service=record.event_source.removesuffix(".amazonaws.com"),
        actor=actor,
        text=f"{actor.name} {sentence}",
        source_ip=(record.source_ip or "")[:_LONGEST_ADDRESS],
    )


def _failed_launch(call: Call, error_code: str | None) -> str | None:
    """A dry run fails by design."""
    if error_code is None or error_code.endswith(_DRY_RUN):
        return None
    wanted = text(call.request, "instanceType") or "something"
    reason = error_code.removeprefix("Client.")[:_LONGEST_NAME] or "no reason given"
    return f"failed to launch {wanted} ({reason})."


def _quota_increase(call: Call, error_code: str | None) -> str | None:
    if error_code is not None:
        return None
    quota = text(call.response, "requestedQuota", "quotaName") or text(call.request, "quotaCode") or "a quota"
    service = text(call.request, "serviceCode") or text(call.response, "requestedQuota", "serviceCode")
    value = number(call.request, "desiredValue")
    to = f" to {value:,.0f}" if value is not None else ""
    return f"asked AWS to raise {quota}{f' of {service}' if service else ''}{to}."


def _region_enabled(call: Call, error_code: str | None) -> str | None:
    region = asked_text(call, "regionName")
    return f"enabled the Region {region}." if region and error_code is None else None


_TELLERS: Mapping[tuple[str, str], tuple[PrecursorKind, _Sentence]] = {
    (_EC2, "RunInstances"): (PrecursorKind.FAILED_LAUNCH, _failed_launch),
    (_EC2, "CreateFleet"): (PrecursorKind.FAILED_LAUNCH, _failed_launch),
    (_EC2, "RequestSpotInstances"): (PrecursorKind.FAILED_LAUNCH, _failed_launch),
    ("servicequotas.amazonaws.com", "RequestServiceQuotaIncrease"): (PrecursorKind.QUOTA_INCREASE, _quota_increase),
    ("account.amazonaws.com", "EnableRegion"): (PrecursorKind.REGION_ENABLED, _region_enabled),
}
