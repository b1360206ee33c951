"""What is noted on an anomaly besides verdicts: questions to people, and tickets."""

from datetime import datetime

from engine.models.anomaly import Anomaly
from engine.models.audit import AuditRecord
from engine.models.post import Post, Withdrawal
from store.anomalies import replace_anomaly
from store.audit import Audit
from store.baselines import Baselines
from store.database import Database, write_all
from store.errors import translated
from store.outbox import bumps
from store.posts import Posts
from store.system import System
from store.transactions import Session


class Amendments:
    """Writes ``anomalies`` and, in the same transaction, what follows from the change."""

    def __init__(self, database: Database, baselines: Baselines, posts: Posts, system: System, audit: Audit) -> None:
        self._database = database
        self._baselines = baselines
        self._posts = posts
        self._system = system
        self._audit = audit

    @translated
    async def amend(
        self,
        tenant_id: str,
        *,
        before: Anomaly,
        after: Anomaly,
        record: AuditRecord | None = None,
        post: Post | None = None,
        withdrawal: Withdrawal | None = None,
        now: datetime,
    ) -> None:
        """Replace ``before`` by ``after`` if nobody changed it meanwhile (else Conflict), and bump its card.

        A record enters the audit log with it, a post sets out, and a question is taken back. A batch of the account
        that was loaded before is judged again, so that it does not write what it had read.
        """

        async def write(session: Session | None) -> None:
            await replace_anomaly(self._database, tenant_id, before, after, session)
            await self._baselines.touch(tenant_id, after.account_id, session)
            await write_all(self._database.outbox, bumps(tenant_id, [after], now), session)
            if post is not None:
                await self._posts.add(tenant_id, post, session)
            if withdrawal is not None:
                await self._posts.withdraw(tenant_id, withdrawal, now, session)
            if record is not None:
                await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    async def find_waiting(self, limit: int) -> list[tuple[str, Anomaly]]:
        """(tenant id, anomaly) of all tenants about which somebody was asked and has not answered, oldest first."""
        return await self._system.find_waiting_asks(limit)
