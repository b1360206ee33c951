"""One ticket for an incident, in the tracker that the tenant connected."""

import asyncio
import logging
from datetime import datetime

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
    MadeTicket,
    SealedTracker,
    Ticket,
    TicketDraft,
    Tracker,
    TrackerKind,
)
from engine.ticket_text import draft_of
from services.ports import Accounts, Amendments, Anomalies, Clock, TicketSystem, Trackers
from services.ticket_words import BUSY, COMMENT, NO_KEYS, NONE, advice, in_doubt, require_made, require_none, undone

_log = logging.getLogger(__name__)
_ATTEMPTS = 5
_WORK_SECONDS = 60.0


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
            raise InputError(f"Nothing was connected. {advice(tracker.place.kind, error)}") from error
        record = self._setting(AuditAction.TRACKER_CONNECTED, user_id, tracker.place.kind)
        await trackers.save_tracker(tenant_id, tracker, record)

    async def disconnect(self, tenant_id: str, user_id: str) -> None:
        """Forget the tracker and its token. Raises InputError where there is none."""
        trackers = self._require_trackers()
        connected = await trackers.find_sealed(tenant_id)
        if connected is None:
            raise InputError(NONE)
        record = self._setting(AuditAction.TRACKER_DISCONNECTED, user_id, connected.place.kind)
        await trackers.delete_tracker(tenant_id, record)

    def _setting(self, action: AuditAction, user_id: str, kind: TrackerKind) -> AuditRecord:
        return AuditRecord(at=self._clock(), action=action, actor=user_id, details={"kind": kind.value})

    def _require_trackers(self) -> Trackers:
        if self._trackers is None:
            raise InputError(NO_KEYS)
        return self._trackers

    async def make(self, tenant_id: str, anomaly_id: str, user_id: str) -> Anomaly:
        """Make the incident's ticket. Raises InputError, with what to do, when there is none afterwards; NotFound."""
        tracker = await self._trackers.find_tracker(tenant_id) if self._trackers is not None else None
        if tracker is None:
            raise InputError(NONE)
        claimed = await self._claim(
            tenant_id, anomaly_id, Ticket(kind=tracker.place.kind, by=user_id, at=self._clock())
        )
        account = await self._accounts.find_account(tenant_id, claimed.account_id)
        try:
            async with asyncio.timeout(_WORK_SECONDS):
                made = await self._find_or_make(tracker, draft_of(claimed, account.name))
        except (AccessDenied, Rejected, Throttled, NotFound) as error:
            await self._note(tenant_id, claimed, None)
            raise InputError(f"No ticket was made. {advice(tracker.place.kind, error)}") from error
        except (UpstreamError, TimeoutError) as error:
            _log.warning("whether anomaly %s has a ticket is not known: %s", anomaly_id, error)
            raise InputError(in_doubt(tracker.place.kind)) from error
        return await self._note(tenant_id, claimed, made)

    async def _find_or_make(self, tracker: Tracker, draft: TicketDraft) -> MadeTicket:
        return await self._systems.find_ticket(tracker, draft) or await self._systems.make_ticket(tracker, draft)

    async def _claim(self, tenant_id: str, anomaly_id: str, claim: Ticket) -> Anomaly:
        """Note on the anomaly that its ticket is being made, which nobody else may do for two minutes."""
        for _ in range(_ATTEMPTS):
            before = await self._anomalies.find_anomaly(tenant_id, anomaly_id)
            require_none(before.ticket, claim)
            after = msgspec.structs.replace(before, ticket=claim, revision=before.revision + 1)
            try:
                await self._amendments.amend(tenant_id, before=before, after=after, now=claim.at)
            except Conflict:
                continue
            return after
        raise Conflict(BUSY)

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
            record = _record(AuditAction.TICKET_MADE, after, ticket, ticket.by, ticket.at) if ticket else None
            try:
                await self._amendments.amend(tenant_id, before=before, after=after, record=record, now=now)
            except Conflict:
                continue
            return after
        raise Conflict("The incident changes all the time. Click Create ticket again: the ticket is looked for first.")

    async def undo(self, tenant_id: str, anomaly_id: str, user_id: str, number: int) -> str:
        """Take the ticket off the card that was made after ``number`` others were undone; gives what to say about it.

        The ticket stays open. Raises InputError, with what to say, when it is off already, and NotFound.
        """
        before, ticket = await self._take_off(tenant_id, anomaly_id, user_id, number)
        return undone(ticket, is_commented=await self._comment(tenant_id, before, ticket.kind))

    async def _take_off(self, tenant_id: str, anomaly_id: str, user_id: str, number: int) -> tuple[Anomaly, Ticket]:
        """Give the incident as it was, and its ticket."""
        for _ in range(_ATTEMPTS):
            before = await self._anomalies.find_anomaly(tenant_id, anomaly_id)
            ticket = require_made(before, number)
            after = msgspec.structs.replace(
                before, ticket=None, tickets_undone=number + 1, revision=before.revision + 1
            )
            now = self._clock()
            record = _record(AuditAction.TICKET_UNDONE, before, ticket, user_id, now)
            try:
                await self._amendments.amend(tenant_id, before=before, after=after, record=record, now=now)
            except Conflict:
                continue
            return before, ticket
        raise Conflict(BUSY)

    async def _comment(self, tenant_id: str, before: Anomaly, kind: TrackerKind) -> bool:
        """Say so below the ticket; False where that cannot be, because its tracker is another one now or refuses."""
        try:
            tracker = await self._trackers.find_tracker(tenant_id) if self._trackers is not None else None
            if tracker is None or tracker.place.kind is not kind:
                return False
            draft = draft_of(before, before.account_id)
            async with asyncio.timeout(_WORK_SECONDS):
                made = await self._systems.find_ticket(tracker, draft)
                if made is None:
                    return False
                await self._systems.add_comment(tracker, draft, made, COMMENT)
        except (UpstreamError, NotFound, TimeoutError) as error:
            _log.warning("the ticket of anomaly %s has no comment about its undo: %s", before.anomaly_id, error)
            return False
        return True


def _record(action: AuditAction, anomaly: Anomaly, ticket: Ticket, by: str, at: datetime) -> AuditRecord:
    return AuditRecord(
        at=at,
        action=action,
        actor=by,
        account_id=anomaly.account_id,
        details={"anomaly_id": anomaly.anomaly_id, "key": ticket.key, "kind": ticket.kind.value},
    )
