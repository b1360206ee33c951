"""What each kind of work item does."""

from engine.models.work import WorkItem, WorkKind
from services.history import History
from services.inbox import InboxReader
from services.leaving import Departures
from services.limits import Limits
from services.polling import Poller
from services.ports import SystemLookups, WorkQueue
from services.ports.watching import Tracer
from services.unwatched import NO_TRACER
from services.verdicts import Verdicts


class Work:
    """Sends each work item to its use case, and finds the work that is due."""

    def __init__(
        self,
        *,
        poller: Poller,
        history: History,
        verdicts: Verdicts,
        inbox: InboxReader,
        departures: Departures,
        limits: Limits,
        lookups: SystemLookups,
        queue: WorkQueue,
        tracer: Tracer = NO_TRACER,
    ) -> None:
        self._poller = poller
        self._history = history
        self._verdicts = verdicts
        self._inbox = inbox
        self._departures = departures
        self._limits = limits
        self._lookups = lookups
        self._queue = queue
        self._tracer = tracer

    async def handle(self, item: WorkItem) -> None:
        """Do one item. Whoever calls makes sure that an account's items come one after the other.

        An account with much to catch up is queued again behind the others after each turn. The item goes on with the
        trace it was put in, whichever process puts and does it.
        """
        with self._tracer.span(f"work {item.kind}", parent=item.trace):
            await self._handle(item)

    async def _handle(self, item: WorkItem) -> None:
        match item.kind:
            case WorkKind.POLL:
                if await self._poller.poll(item.tenant_id, item.account_id):
                    await self._queue.put(item)
                await self._limits.end_overdue(item.tenant_id, item.account_id)
            case WorkKind.READ_HISTORY:
                await self._history.read(item.tenant_id, item.account_id)
            case WorkKind.LEARN_VERDICT:
                await self._verdicts.learn(item.tenant_id, item.subject)
            case WorkKind.INGEST:
                await self._inbox.ingest(item.tenant_id, item.account_id)
            case WorkKind.PURGE:
                await self._departures.purge(item.tenant_id, item.account_id)

    async def enqueue_due(self) -> None:
        """Queue a poll for every watched account, and the history of those that are still learning."""
        learning = await self._lookups.find_history_accounts()
        await self._queue.put_all([WorkItem(WorkKind.READ_HISTORY, *account) for account in learning])
        watched = await self._lookups.find_due_accounts()
        await self._queue.put_all([WorkItem(WorkKind.POLL, *account) for account in watched])
