"""What each kind of work item does."""

from engine.models.work import WorkItem, WorkKind
from services.history import History
from services.polling import Poller
from services.ports import SystemLookups, WorkQueue
from services.verdicts import Verdicts


class Work:
    """Sends each work item to its use case, and finds the work that is due."""

    def __init__(
        self, *, poller: Poller, history: History, verdicts: Verdicts, lookups: SystemLookups, queue: WorkQueue
    ) -> None:
        self._poller = poller
        self._history = history
        self._verdicts = verdicts
        self._lookups = lookups
        self._queue = queue

    async def handle(self, item: WorkItem) -> None:
        """Do one item. Whoever calls makes sure that an account's items come one after the other."""
        match item.kind:
            case WorkKind.POLL:
                await self._poller.poll(item.tenant_id, item.account_id)
            case WorkKind.READ_HISTORY:
                await self._history.read(item.tenant_id, item.account_id)
            case WorkKind.LEARN_VERDICT:
                await self._verdicts.learn(item.tenant_id, item.subject)

    async def enqueue_due(self) -> None:
        """Queue a poll for every watched account, and the history of those that are still learning."""
        for tenant_id, account_id in await self._lookups.find_history_accounts():
            await self._queue.put(WorkItem(WorkKind.READ_HISTORY, tenant_id, account_id))
        for tenant_id, account_id in await self._lookups.find_due_accounts():
            await self._queue.put(WorkItem(WorkKind.POLL, tenant_id, account_id))
