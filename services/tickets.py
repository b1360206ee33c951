"""One ticket for an incident, in the tracker that the tenant connected."""

import asyncio
import logging
from datetime import timedelta

import msgspec

from engine.errors import (
    AccessDenied,
    Conflict,
    InputError,
    NotFound,
    Rejected,
    Throttled,
    UpstreamError,
)
from engine.models.anomaly import Anomaly
from engine.models.audit import AuditAction, AuditRecord
from engine.models.ticket import (
    TRACKER_NAMES,
    MadeTicket,
    SealedTracker,
    Ticket,
    TicketDraft,
    Tracker,
    TrackerKind,
)
from engine.ticket_text import draft_of
from services.ports import Accounts, Amendments, Anomalies, Clock, TicketSystem, Trackers

_log = logging.getLogger(__name__)
_ATTEMPTS = 5
_WORK_SECONDS = 60.0
_CLAIM = timedelta(minutes=2)
_SETTINGS = "`/dd0c settings tickets`"
_NONE = f"No ticket system is connected. An admin connects one: {_SETTINGS}."
_NO_KEYS = (
    "Tokens of ticket systems are kept encrypted, and this bot has no key for that: whoever runs it sets "
    "DD0C_ENCRYPTION_KEYS."
)


class Tickets:
    """Making a ticket is claimed on the anomaly first, so of two clicks one makes it.

    Who comes after a crash looks for the ticket before another is made.
    """

    def __init__(
        self,
        *,
        anomalies: Anomalies,
        amendments: Amendments,
        accounts: Accounts,
        trackers: Trackers | None,
        systems: TicketSystem,
        clock: Clock,
        local: bool = False,
    ) -> None:
        """``trackers`` is None where no key is there to seal their tokens.

        ``local`` allows addresses of this machine and network, for development.
        """
        self.local = local
        self._anomalies = anomalies
        self._amendments = amendments
        self._accounts = accounts
        self._trackers = trackers
        self._systems = systems
        self._clock = clock

    async def find_connected(self, tenant_id: str) -> SealedTracker | None:
        """Where the tenant's tickets go; None while nowhere."""
        return await self._trackers.find_sealed(tenant_id) if self._trackers is not None else None

    async def connect(self, tenant_id: str, user_id: str, tracker: Tracker) -> None:
        """Connect a tracker that was just tried. Raises InputError with what to do when it did not work."""
        trackers = self._require_trackers()
        try:
            await self._systems.check(tracker)
        except (UpstreamError, NotFound) as error:
            raise InputError(f"Nothing was connected. {_advice(tracker.place.kind, error)}") from error
        record = self._setting(AuditAction.TRACKER_CONNECTED, user_id, tracker.place.kind)
        await trackers.save_tracker(tenant_id, tracker, record)

    async def disconnect(self, tenant_id: str, user_id: str) -> None:
        """Forget the tracker and its token. Raises InputError where there is none."""
        trackers = self._require_trackers()
        connected = await trackers.find_sealed(tenant_id)
        if connected is None:
            raise InputError(_NONE)
        record = self._setting(AuditAction.TRACKER_DISCONNECTED, user_id, connected.place.kind)
        await trackers.delete_tracker(tenant_id, record)

    def _setting(self, action: AuditAction, user_id: str, kind: TrackerKind) -> AuditRecord:
        return AuditRecord(at=self._clock(), action=action, actor=user_id, details={"kind": kind.value})

    def _require_trackers(self) -> Trackers:
        if self._trackers is None:
            raise InputError(_NO_KEYS)
        return self._trackers

    async def make(self, tenant_id: str, anomaly_id: str, user_id: str) -> Anomaly:
        """Make the incident's ticket. Raises InputError, with what to do, when there is none afterwards; NotFound."""
        tracker = await self._trackers.find_tracker(tenant_id) if self._trackers is not None else None
        if tracker is None:
            raise InputError(_NONE)
        claimed = await self._claim(
            tenant_id, anomaly_id, Ticket(kind=tracker.place.kind, by=user_id, at=self._clock())
        )
        account = await self._accounts.find_account(tenant_id, claimed.account_id)
        try:
            async with asyncio.timeout(_WORK_SECONDS):
                made = await self._find_or_make(tracker, draft_of(claimed, account.name))
        except (AccessDenied, Rejected, Throttled, NotFound) as error:
            await self._note(tenant_id, claimed, None)
            raise InputError(f"No ticket was made. {_advice(tracker.place.kind, error)}") from error
        except (UpstreamError, TimeoutError) as error:
            _log.warning("whether anomaly %s has a ticket is not known: %s", anomaly_id, error)
            raise InputError(_in_doubt(tracker.place.kind)) from error
        return await self._note(tenant_id, claimed, made)

    async def _find_or_make(self, tracker: Tracker, draft: TicketDraft) -> MadeTicket:
        return await self._systems.find_ticket(tracker, draft) or await self._systems.make_ticket(tracker, draft)

    async def _claim(self, tenant_id: str, anomaly_id: str, claim: Ticket) -> Anomaly:
        """Note on the anomaly that its ticket is being made, which nobody else may do for two minutes."""
        for _ in range(_ATTEMPTS):
            before = await self._anomalies.find_anomaly(tenant_id, anomaly_id)
            _require_none(before.ticket, claim)
            after = msgspec.structs.replace(before, ticket=claim, revision=before.revision + 1)
            try:
                await self._amendments.amend(tenant_id, before=before, after=after, now=claim.at)
            except Conflict:
                continue
            return after
        raise Conflict("The incident changes all the time. Try again in a moment.")

    async def _note(self, tenant_id: str, claimed: Anomaly, made: MadeTicket | None) -> Anomaly:
        """Note what came of a claim, unless somebody else has claimed it since."""
        claim = claimed.ticket
        for _ in range(_ATTEMPTS):
            before = await self._anomalies.find_anomaly(tenant_id, claimed.anomaly_id)
            if claim is None or before.ticket != claim:
                return before
            ticket = msgspec.structs.replace(claim, key=made.key, url=made.url) if made else None
            after = msgspec.structs.replace(before, ticket=ticket, revision=before.revision + 1)
            now = self._clock()
            record = _made_record(after, ticket) if ticket else None
            try:
                await self._amendments.amend(tenant_id, before=before, after=after, record=record, now=now)
            except Conflict:
                continue
            return after
        raise Conflict("The incident changes all the time. Click Create ticket again: the ticket is looked for first.")


def _require_none(ticket: Ticket | None, claim: Ticket) -> None:
    if ticket is None:
        return
    if ticket.key:
        raise InputError(f"Nothing changed: <@{ticket.by}> made ticket {ticket.key}.")
    if claim.at < ticket.at + _CLAIM:
        raise InputError(f"Nothing changed: <@{ticket.by}> is having the ticket made just now.")


def _made_record(anomaly: Anomaly, ticket: Ticket) -> AuditRecord:
    return AuditRecord(
        at=ticket.at,
        action=AuditAction.TICKET_MADE,
        actor=ticket.by,
        account_id=anomaly.account_id,
        details={"anomaly_id": anomaly.anomaly_id, "key": ticket.key, "kind": ticket.kind.value},
    )


def _advice(kind: TrackerKind, error: Exception) -> str:
    """What is wrong and what to do about it."""
    name = TRACKER_NAMES[kind]
    if isinstance(error, AccessDenied):
        return f"{name} refuses the token: it has ended or lacks rights. An admin connects a new one: {_SETTINGS}."
    if isinstance(error, NotFound):
        return f"{name} does not know the project, or does not show it to this token. An admin looks at {_SETTINGS}."
    if isinstance(error, Throttled):
        return f"{name} has had too many requests. Try again in {max(1, round((error.retry_after or 60) / 60))} min."
    if isinstance(error, Rejected):
        return f"{name} does not take it. {error}"
    return f"{name} does not answer. Try again in a few minutes; if that goes on, look at its address."


def _in_doubt(kind: TrackerKind) -> str:
    minutes = round(_CLAIM.total_seconds() / 60)
    return (
        f"{TRACKER_NAMES[kind]} did not answer, so nobody knows whether the ticket was made. Choose Create ticket "
        f"again in {minutes} minutes: it is looked for before another one is made."
    )
