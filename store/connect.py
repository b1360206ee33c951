"""One object that holds all repositories over one connection."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.errors import PyMongoError

from engine.errors import InvalidSetting
from store.access_keys import AccessKeys
from store.accounts import Accounts
from store.amendments import Amendments
from store.anomalies import Anomalies
from store.api_keys import ApiKeys
from store.audit import Audit
from store.backup import Backup
from store.baselines import Baselines
from store.billing import BillingRows
from store.breakers import Breakers
from store.budgets import Budgets
from store.codec import Document
from store.database import Database
from store.errors import translated
from store.export import Export
from store.homes import Homes
from store.idempotency import Idempotency
from store.inbox import Inbox
from store.index_changes import ensure_indexes
from store.installations import Cipher, Installations
from store.leases import Leases
from store.leaving import Leaving
from store.ledger import Ledger
from store.oauth_states import OauthStates
from store.observations import Observations
from store.outbox import Outbox
from store.panics import Panics
from store.patterns import Patterns
from store.pauses import Pauses
from store.policy_modes import PolicyModes
from store.posts import Posts
from store.search import Search
from store.seen import Seen
from store.sessions import Sessions
from store.spend import Bills
from store.spend_budgets import SpendBudgets
from store.spend_tags import SpendTags
from store.spending import Spending
from store.system import System
from store.system_paying import PayingTenants
from store.tenants import Tenants
from store.trackers import Trackers
from store.trails import Trails
from store.turns import Turns
from store.users import Users
from store.watching import CommandTold, CommandWatch
from store.webhooks import Webhooks
from store.zombie_asks import ZombieAsks
from store.zombies import Zombies

RETENTION_DAYS = 400  # A year, and the month it is compared with.
SERVER_SELECTION_SECONDS = 10.0
_CONNECT_MS = 5_000
_ANSWER_MS = 30_000
_SCHEMES = ("mongodb://", "mongodb+srv://")
_EXAMPLE = "Write it like mongodb://host:27017/."


class Store:
    """The repositories over one MongoDB database.

    ``transactions=False`` is for an in-memory stand-in that has none; there, a failing write leaves the ones before it.
    """

    def __init__(
        self,
        database: AsyncIOMotorDatabase[Document],
        *,
        transactions: bool = True,
        retention_days: int = RETENTION_DAYS,
        audit_keys: Sequence[bytes] = (),
    ) -> None:
        self._database = Database(database, transactions=transactions)
        self.system = System(self._database)
        self.audit = Audit(self._database, audit_keys)
        self.tenants = Tenants(self._database, self.audit)
        self.accounts = Accounts(self._database, self.audit)
        self.breakers = Breakers(self._database, self.system, self.audit)
        self.baselines = Baselines(self._database)
        retention = timedelta(days=retention_days)
        self.ledger = Ledger(
            self._database, self.tenants, self.accounts, self.baselines, audit=self.audit, retention=retention
        )
        self.anomalies = Anomalies(self._database, self.baselines, self.system, self.audit)
        self.search = Search(self._database)
        self.patterns = Patterns(self._database, self.baselines, self.audit)
        self.outbox = Outbox(self._database, self.system)
        self.homes = Homes(self._database, self.system)
        self.posts = Posts(self._database, self.system, retention)
        self.pauses = Pauses(self._database, self.audit, self.posts)
        self.panics = Panics(self._database, self.audit, self.posts, self.system)
        self.policy_modes = PolicyModes(self._database, self.audit, self.system)
        self.amendments = Amendments(self._database, self.baselines, self.posts, self.system, self.audit)
        self.billing_rows = BillingRows(self._database, self.posts, self.audit)
        self.paying_tenants = PayingTenants(self._database)
        self.users = Users(self._database, self.system, self.audit)
        self.sessions = Sessions(self._database)
        self.seen = Seen(self._database, retention)
        self.budgets = Budgets(self._database, self.posts)
        self.spending = Spending(self._database)
        self.bills = Bills(self._database)
        self.spend_tags = SpendTags(self._database)
        self.spend_budgets = SpendBudgets(self._database, self.audit)
        self.inbox = Inbox(self._database, self.system)
        self.api_keys = ApiKeys(self._database, self.system, self.audit)
        self.leaving = Leaving(self._database, self.audit)
        self.idempotency = Idempotency(self._database)
        self.webhooks = Webhooks(self._database, self.system, self.audit, retention)
        self.export = Export(self._database)
        self.observations = Observations(self._database)
        self.leases = Leases(self._database)
        self.trails = Trails(self._database)
        self.turns = Turns(self._database)
        self.zombies = Zombies(self._database, self.audit)
        self.zombie_asks = ZombieAsks(self._database)

    def installations(self, cipher: Cipher) -> Installations:
        """Give the repository of Slack installations, whose tokens this cipher seals."""
        return Installations(self._database, self.system, cipher)

    def backup(self) -> Backup:
        """Give what reads and writes all there is; it knows no tenants, so no use case gets it."""
        return Backup(self._database)

    def trackers(self, cipher: Cipher) -> Trackers:
        """Give the repository of the systems that hold tenants' tickets, whose tokens this cipher seals."""
        return Trackers(self._database, self.system, cipher, self.audit)

    def access_keys(self, cipher: Cipher) -> AccessKeys:
        """Give the repository of the keys that open AWS accounts, whose secrets this cipher seals."""
        return AccessKeys(self._database, self.system, cipher)

    def oauth_states(
        self, new_state: Callable[[], str], clock: Callable[[], datetime], lifetime: timedelta
    ) -> OauthStates:
        """Give the repository of installations under way."""
        return OauthStates(self._database, new_state, clock, lifetime)

    @translated
    async def ensure_indexes(self) -> None:
        """Create the indexes and collections that are missing; drop indexes that are no longer as they are meant."""
        await ensure_indexes(self._database)

    @translated
    async def ping(self) -> None:
        """Raise Unavailable when MongoDB does not answer."""
        await self._database.motor.command("ping")

    @translated
    async def fetch_version(self) -> str:
        """The server's version, such as 6.0.5."""
        return str((await self._database.motor.command("buildInfo"))["version"])

    @translated
    async def require_replica_set(self) -> None:
        """Raise InvalidSetting when this MongoDB has no transactions, long before the first one would fail."""
        answer = await self._database.motor.command("hello")
        if not answer.get("setName") and answer.get("msg") != "isdbgrid":  # What a router of a sharded cluster says.
            raise InvalidSetting(
                "MONGODB_URI leads to a single mongod, which has no transactions. Start it with --replSet and "
                "initiate the set (one member is enough), or name a replica set or sharded cluster."
            )

    async def release_all(self) -> None:
        """End what earlier processes held. Only for a database that no other process can be using: it would lose it."""
        await self.leases.release_all()
        await self.system.release_deliveries()

    def close(self) -> None:
        """Drop the connections; the store cannot be used afterwards."""
        self._database.motor.client.close()


async def connect(
    uri: str,
    database: str = "dd0c",
    *,
    retention_days: int = RETENTION_DAYS,
    audit_keys: Sequence[bytes] = (),
    server_selection_seconds: float = SERVER_SELECTION_SECONDS,
    told: CommandTold | None = None,
) -> Store:
    """Return a store that has answered once and has its indexes.

    Raise InvalidSetting for a URI that is none or a MongoDB without transactions, Unavailable when no primary is found
    in ``server_selection_seconds``, AccessDenied for a wrong user or password. ``told`` hears of every command.
    """
    store = Store(
        _open(uri, database, server_selection_seconds, told), retention_days=retention_days, audit_keys=audit_keys
    )
    try:
        await store.require_replica_set()
        await store.ensure_indexes()
    except BaseException:
        store.close()
        raise
    return store


def _open(
    uri: str, database: str, server_selection_seconds: float, told: CommandTold | None
) -> AsyncIOMotorDatabase[Document]:
    if not uri.startswith(_SCHEMES):  # The driver would take it for the name of a host.
        raise InvalidSetting(f"MONGODB_URI must begin with mongodb:// or mongodb+srv://. {_EXAMPLE}")
    try:
        client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            uri,
            appname="dd0c-cost",
            tz_aware=True,
            tzinfo=UTC,
            retryWrites=True,
            w="majority",
            serverSelectionTimeoutMS=round(server_selection_seconds * 1000),
            connectTimeoutMS=_CONNECT_MS,
            socketTimeoutMS=_ANSWER_MS,
            waitQueueTimeoutMS=_ANSWER_MS,
            event_listeners=[CommandWatch(told)] if told is not None else [],
        )
        return client[database]
    except (PyMongoError, ValueError, TypeError) as error:
        # The driver's text quotes parts of the URI, and a password may be among them.
        word = type(error).__name__
        raise InvalidSetting(f"MONGODB_URI cannot be used ({word}). {_EXAMPLE}") from None
