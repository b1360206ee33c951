"""The chain of the audit log: how entries are bound together, and how one that was changed or removed is found."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise

import msgspec

from engine.access_keys import key_name
from engine.flags import is_held
from engine.governance import EXPECTED, UNTOLD
from engine.models.account import AwsAccount
from engine.models.anomaly import Anomaly, DecisionKind, Severity
from engine.models.api_key import ApiKey
from engine.models.audit import (
    ITSELF,
    AuditAction,
    AuditChain,
    AuditEntry,
    AuditHead,
    AuditRecord,
)
from engine.models.leaving import Tombstone
from engine.models.verdict import Expectation, Verdict
from engine.models.webhook import Webhook
from engine.scoring.thresholds import ANOMALOUS

_MICROSECONDS = 1000
_BY_MODE = "Alert for account "
_BY_PEOPLE = (EXPECTED, "Snoozed by ", *UNTOLD)
_NAMED = 20
_encoder = msgspec.json.Encoder(order="sorted")


def link(tenant_id: str, record: AuditRecord, head: AuditHead | None, keys: Sequence[bytes]) -> AuditEntry:
    """Bind a record to the chain that ends with ``head``; the last key signs it.

    The time keeps whole milliseconds, because that is what the database keeps.
    """
    at = record.at.replace(microsecond=record.at.microsecond // _MICROSECONDS * _MICROSECONDS)
    entry = AuditEntry(
        tenant_id=tenant_id,
        seq=head.seq + 1 if head else 1,
        previous=head.digest if head else "",
        at=at,
        action=str(record.action),
        actor=record.actor,
        account_id=record.account_id,
        details=record.details,
    )
    digest = digest_of(entry)
    signature = _sign(digest, keys[-1]) if keys else ""
    return msgspec.structs.replace(entry, digest=digest, signature=signature)


def digest_of(entry: AuditEntry) -> str:
    """Give the SHA-256 of what an entry says and of where it stands.

    >>> from datetime import datetime
    >>> at = datetime(2026, 3, 1, tzinfo=UTC)
    >>> record = AuditRecord(at=at, action="key.created", actor="operator", details={"b": 1, "a": "x"})
    >>> first = link("t-1", record, None, [])
    >>> digest_of(first) == first.digest, digest_of(msgspec.structs.replace(first, actor="U1")) == first.digest
    (True, False)
    """
    at = entry.at.astimezone(UTC).isoformat(timespec="milliseconds")
    where = [entry.tenant_id, entry.seq, entry.previous]
    what = [at, str(entry.action), entry.actor, entry.account_id, entry.details]
    return hashlib.sha256(_encoder.encode([*where, *what])).hexdigest()


def of_verdict(verdict: Verdict) -> AuditRecord:
    """Give what is recorded of a human's label; a snooze that ended was taken back by nobody."""
    return AuditRecord(
        at=verdict.at,
        action=AuditAction.VERDICT,
        actor=verdict.user_id or ITSELF,
        account_id=verdict.account_id,
        details={"verdict": verdict.kind.value, "anomaly_id": verdict.anomaly_id, "verdict_id": verdict.verdict_id},
    )


def of_expectation(expectation: Expectation, action: AuditAction, by: str, at: datetime) -> AuditRecord:
    """Give what is recorded when an expectation is declared, or taken back without a verdict."""
    details = {"expectation_id": expectation.expectation_id, "types": ",".join(expectation.resource_types)}
    return AuditRecord(at=at, action=action, actor=by, account_id=expectation.account_id, details=details)


def of_webhook(webhook: Webhook, action: AuditAction, by: str, at: datetime) -> AuditRecord:
    """Give what is recorded when an address is told from now on, told again, or told no more."""
    return AuditRecord(at=at, action=action, actor=by, details={"webhook_id": webhook.webhook_id, "url": webhook.url})


def of_key(key: ApiKey, action: AuditAction, by: str, at: datetime) -> AuditRecord:
    """Give what is recorded when a key is made or revoked."""
    details = {"key_id": key.key_id, "name": key.name, "scopes": ",".join(key.scopes)}
    return AuditRecord(at=at, action=action, actor=by, details=details)


def promotion_of(account: AwsAccount, at: datetime) -> AuditRecord:
    """Give what is recorded when an account leaves the default strict mode by our rules."""
    details = {"mode": account.mode.value, "history_alerts": account.history_alerts}
    return AuditRecord(at=at, action=AuditAction.PROMOTED, actor=ITSELF, account_id=account.account_id, details=details)


def connection_of(account: AwsAccount, by: str, at: datetime) -> AuditRecord:
    """Give what is recorded when an account's role or key was proved and may be used."""
    by_key = bool(account.access_key_id)
    details = {"access_key": key_name(account.access_key_id)} if by_key else {"role_arn": account.role_arn}
    return AuditRecord(
        at=at, action=AuditAction.CONNECTED, actor=by or ITSELF, account_id=account.account_id, details=details
    )


def of_tombstone(tombstone: Tombstone) -> AuditRecord:
    """Give what stays of an account or a tenant: how many documents of each kind were deleted."""
    action = AuditAction.ACCOUNT_PURGED if tombstone.account_id else AuditAction.TENANT_PURGED
    return AuditRecord(
        at=tombstone.at, action=action, actor=ITSELF, account_id=tombstone.account_id, details=dict(tombstone.counts)
    )


def tombstone_of(entry: AuditEntry) -> Tombstone:
    """Read a tombstone's entry again."""
    counts = {name: int(count) for name, count in entry.details.items()}
    return Tombstone(tenant_id=entry.tenant_id, account_id=entry.account_id, counts=counts, at=entry.at)


def find_faults(chain: AuditChain, keys: Sequence[bytes], first: int = 1) -> list[str]:
    """Name, in words, everything that is not as it was written, from entry ``first`` on; an empty list is good news.

    Signatures are checked only with keys. Of a tenant that was purged its tombstones stay, and the last of them says
    how many other entries went.
    """
    entries = [entry for entry in chain.entries if entry.seq >= first]
    return [
        *_changed(entries),
        *_missing(entries, first),
        *_loose(entries),
        *_wrong_end(chain),
        *(_wrong_signatures(entries, keys) if keys else ()),
    ]


def _changed(entries: Sequence[AuditEntry]) -> Iterator[str]:
    for entry in entries:
        if digest_of(entry) != entry.digest:
            yield f"entry {entry.seq} was changed"


def _missing(entries: Sequence[AuditEntry], first: int) -> Iterator[str]:
    """Compare the numbers; what a purge removed must be as many as its tombstone says."""
    purge = next((entry for entry in reversed(entries) if entry.action == AuditAction.TENANT_PURGED), None)
    begin = first - 1
    if purge is not None:
        kept = sum(first <= entry.seq <= purge.seq for entry in entries)
        gone, told = purge.seq - begin - kept, purge.details.get("audit_log")
        if first == 1 and gone != told:
            yield f"{gone} entries before the tombstone {purge.seq} are missing, which says that {told} were deleted"
        begin = purge.seq
    numbers = [begin, *(entry.seq for entry in entries if entry.seq > begin)]
    for before, after in pairwise(numbers):
        if after != before + 1:
            yield f"{_span(before + 1, after - 1)} missing"


def _loose(entries: Sequence[AuditEntry]) -> Iterator[str]:
    for before, after in pairwise(entries):
        if after.seq == before.seq + 1 and after.previous != before.digest:
            yield f"entry {after.seq} does not follow entry {before.seq}"
    if entries and entries[0].seq == 1 and entries[0].previous:
        yield "entry 1 follows another one"


def _wrong_end(chain: AuditChain) -> Iterator[str]:
    last = chain.entries[-1] if chain.entries else None
    if chain.head is None:
        if last is not None:
            yield "the note of which entry is the last is missing"
        return
    seq = last.seq if last else 0
    if chain.head.seq > seq:
        yield f"{_span(seq + 1, chain.head.seq)} missing at the end"
    elif last is not None and (chain.head.seq, chain.head.digest) != (last.seq, last.digest):
        yield f"entry {seq} is not the one that was written last"


def _wrong_signatures(entries: Sequence[AuditEntry], keys: Sequence[bytes]) -> Iterator[str]:
    signed = 0
    for entry in entries:
        if not entry.signature:
            if signed:
                yield f"entry {entry.seq} is not signed, although entry {signed} is"
            continue
        signed = entry.seq
        if not any(hmac.compare_digest(entry.signature, _sign(entry.digest, key)) for key in keys):
            yield f"entry {entry.seq} bears a signature by none of the keys"


def _sign(digest: str, key: bytes) -> str:
    return hmac.digest(key, digest.encode(), "sha256").hex()


def _span(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"


def suppressions_of(before: Mapping[str, Anomaly], after: Iterable[Anomaly], now: datetime) -> list[AuditRecord]:
    """Give an entry for each reason for which alerts were suppressed that people would have been told of.

    That is by strict mode, a pause, panic mode, an expectation, a snooze or an open breaker.

    >>> from engine.examples import MONDAY, incident, launch
    >>> from engine.models.anomaly import Decision
    >>> reason = "Alert for account 111122223333 suppressed by strict mode."
    >>> found = msgspec.structs.replace(incident(launch()), decision=Decision(DecisionKind.LOG, reason))
    >>> [one.details["alerts"] for one in suppressions_of({}, [found], MONDAY)]
    [1]
    >>> suppressions_of({found.anomaly_id: found}, [found], MONDAY)
    []
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for one in after:
        known = before.get(one.anomaly_id)
        if _is_suppressed(one) and not (known is not None and _is_suppressed(known)):
            groups.setdefault((one.account_id, one.decision.reason), []).append(one.anomaly_id)
    return [
        AuditRecord(
            at=now,
            action=AuditAction.SUPPRESSED,
            actor=ITSELF,
            account_id=account_id,
            details={"reason": reason, "alerts": len(ids), "anomaly_ids": " ".join(ids[:_NAMED])},
        )
        for (account_id, reason), ids in groups.items()
    ]


def _is_suppressed(anomaly: Anomaly) -> bool:
    decision = anomaly.decision
    if is_held(decision) or decision.kind is not DecisionKind.LOG:
        return is_held(decision)
    return decision.reason.startswith(_BY_MODE) or (
        decision.reason.startswith(_BY_PEOPLE) and _is_worth_a_card(anomaly)
    )


def _is_worth_a_card(anomaly: Anomaly) -> bool:
    """People's silence is over everything, also over what would have been logged anyway."""
    unusual = anomaly.score >= ANOMALOUS or anomaly.decision.safety_net
    return unusual and anomaly.severity is not Severity.INFO and not anomaly.is_weak
