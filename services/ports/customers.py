"""Tenants, their AWS accounts and keys, and how they leave."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from engine.models.access_key import SealedAccessKey
from engine.models.account import AccountStatus, Arrivals, AwsAccount, RegionCursor, Role, Tenant
from engine.models.api_key import ApiKey
from engine.models.audit import AuditChain, AuditRecord
from engine.models.leaving import Tombstone
from engine.models.post import Post
from engine.models.resource import Resource
from engine.models.routing import Route
from engine.models.schedule import DigestSchedule
from engine.models.sensitivity import SensitivityRule
from engine.models.zombie_ask import ZombieAsk
from engine.zombies.thresholds import Thresholds


class Tenants(Protocol):
    """Customers."""

    async def find_tenant(self, tenant_id: str) -> Tenant:
        """Raise NotFound when there is none."""
        ...

    async def save_tenant(self, tenant: Tenant, record: AuditRecord | None = None) -> None:
        """Insert or change the tenant, with a record in its audit log if one is given, together; roles stay."""
        ...

    async def save_roles(self, tenant_id: str, roles: Mapping[str, Role], record: AuditRecord) -> None:
        """Give these Slack users, named by ids that are well written, these roles; all others keep theirs."""
        ...

    async def save_zombie_thresholds(
        self, tenant_id: str, changes: Mapping[str, float | None], record: AuditRecord
    ) -> None:
        """Set these thresholds, with a record; None forgets one."""
        ...

    async def save_digest(self, tenant_id: str, schedule: DigestSchedule, record: AuditRecord) -> None:
        """Change when the digest comes, and nothing else."""
        ...

    async def save_alert_channel(self, tenant_id: str, channel_id: str, record: AuditRecord) -> None:
        """Send all cards that have no route to another channel, and nothing else."""
        ...

    async def save_strict_choice(self, tenant_id: str, set_by: str, record: AuditRecord) -> None:
        """Note who chose strict mode for all accounts, "" for nobody any more; what was judged is judged again."""
        ...

    async def save_alert_budget(self, tenant_id: str, budget: int, record: AuditRecord) -> None:
        """Change how many cards a channel takes a day, and nothing else."""
        ...

    async def save_route(self, tenant_id: str, route: Route, record: AuditRecord) -> None:
        """Set the one route of its case, and leave all others as they are."""
        ...

    async def delete_route(self, tenant_id: str, route: Route, record: AuditRecord) -> None:
        """Take the route of this case away, if there still is one."""
        ...

    async def lose_channel(self, tenant_id: str, channel_id: str) -> bool:
        """Note that this channel takes no cards; False when that was known."""
        ...

    async def regain_channel(self, tenant_id: str, channel_id: str) -> None:
        """Note that this channel takes cards."""
        ...


class Pauses(Protocol):
    """Pausing a tenant's alerts; a batch that was judged before is judged again by what holds then."""

    async def pause(self, tenant_id: str, user_id: str, now: datetime, notice: Post | None) -> int | None:
        """Stop alerting; cards that were never sent are not, and what they spoke of is logged. Gives how many.

        The notice is put on its way with it. None says that somebody else was faster, and that nothing was done.
        """
        ...

    async def resume(
        self,
        tenant_id: str,
        user_id: str,
        now: datetime,
        notice: Post | None,
        *,
        in_panic: bool = False,
        untold_since: datetime | None = None,
    ) -> bool:
        """End the pause, and put the notice on its way; False where it had ended.

        ``in_panic`` says whether the operator's panic mode goes on, and ``untold_since`` from when on its summary has
        to tell then. Where that is not so any more, False too.
        """
        ...


class Tokens(Protocol):
    """Bot tokens of tenants that installed the app."""

    async def delete_of(self, tenant_id: str) -> None:
        """Forget the tenant's tokens."""
        ...


class Accounts(Protocol):
    """Connected AWS accounts."""

    async def find_account(self, tenant_id: str, account_id: str) -> AwsAccount:
        """Raise NotFound when this tenant has no such account."""
        ...

    async def find_accounts(self, tenant_id: str) -> list[AwsAccount]:
        """All accounts of the tenant, by connection time."""
        ...

    async def insert_account(self, tenant_id: str, account: AwsAccount, *, most: int | None = None) -> None:
        """Keep a new account; raise Conflict when this tenant has it already, or another one owns it.

        One that is only pending is claimed by nobody: whoever asks for it has proved nothing yet. Raise PlanLimit when
        the tenant has ``most`` accounts already, also when two are inserted at once.
        """
        ...

    async def open_account(
        self, tenant_id: str, account: AwsAccount, record: AuditRecord, key: SealedAccessKey | None = None
    ) -> None:
        """Claim an account whose role or key was proved, and note what was found out, together; its Regions are added.

        A key that opened it before is forgotten. Raise Conflict when another tenant owns it, NotFound when this one has
        it no more.
        """
        ...

    async def add_regions(self, tenant_id: str, account_id: str, regions: Sequence[str]) -> None:
        """Watch these Regions too; raise NotFound for an account that is disconnecting or gone."""
        ...

    async def save_access(self, tenant_id: str, read: AwsAccount, status: AccountStatus, detail: str) -> None:
        """Note whether the role or key of ``read`` opens the account, if that is watched still and by the same one."""
        ...

    async def promote_account(self, tenant_id: str, account_id: str, record: AuditRecord) -> bool:
        """Let the account alert as scored, with a record; False where it is not in default strict mode any more."""
        ...

    async def begin_leaving(self, tenant_id: str, account_id: str, reason: str, record: AuditRecord) -> bool:
        """Mark the account as disconnecting, with a record; False where somebody did before, or it is gone."""
        ...

    async def save_progress(self, tenant_id: str, account: AwsAccount, record: AuditRecord | None = None) -> None:
        """Write how far reading the account's history is, and nothing else.

        Reading takes long, and somebody may have given the account another role meanwhile. Raise NotFound when it does
        not learn any more.
        """
        ...

    async def keep_refusal(self, tenant_id: str, account: AwsAccount) -> None:
        """Write which role was tried and what is wrong with it, if the account still waits for one.

        Another role may have opened it while this one was tried; then it stays as it is.
        """
        ...

    async def save_mode_choice(self, tenant_id: str, account_id: str, set_by: str, record: AuditRecord) -> None:
        """Note who chose strict mode for the account, "" for nobody any more; raise NotFound when there is none.

        A batch that was judged before is judged again by what holds now.
        """
        ...

    async def save_sensitivities(
        self, tenant_id: str, account_id: str, rules: Sequence[SensitivityRule], record: AuditRecord
    ) -> None:
        """Replace the account's sensitivities, with a record; raise NotFound when the tenant has no such account."""
        ...

    async def save_cursors(self, tenant_id: str, account_id: str, cursors: Sequence[RegionCursor]) -> None: ...

    async def save_arrivals(
        self, tenant_id: str, account_id: str, source: str, arrivals: Mapping[str, Arrivals]
    ) -> None:
        """Replace what is known of a source in the Regions given (names AWS has)."""
        ...

    async def count_records(
        self, tenant_id: str, account_id: str, *, read: int, malformed: int, unknown_prices: int, last_malformed: str
    ) -> None:
        """Add to the account's counters; an empty ``last_malformed`` keeps the old text."""
        ...


class ApiKeys(Protocol):
    """Keys with which programs speak to the bot; only their hashes are kept."""

    async def insert_key(self, key: ApiKey, by: str) -> None:
        """Keep a new key, and record who made it; raise Conflict when its id is taken."""
        ...

    async def find_keys(self, tenant_id: str) -> list[ApiKey]:
        """All keys of the tenant, oldest first, with those that were revoked."""
        ...

    async def revoke_key(self, tenant_id: str, key_id: str, now: datetime, by: str) -> None:
        """End a key for good, and record who did; raise NotFound when this tenant has none of that id that works."""
        ...

    async def touch_key(self, tenant_id: str, key_id: str, now: datetime) -> None:
        """Note that the key was used."""
        ...

    async def find_key(self, digest: str) -> ApiKey | None:
        """The key of any tenant with this SHA-256, whether it still works or not."""
        ...


class Leaving(Protocol):
    """Deleting what we know of accounts and tenants that leave."""

    async def delete_some(self, tenant_id: str, account_id: str, limit: int) -> int:
        """Delete at most ``limit`` documents of each collection that belong to the account; 0 when nothing is left."""
        ...

    async def count_deleted(self, tenant_id: str, account_id: str) -> Mapping[str, int]:
        """Collection -> documents deleted so far."""
        ...

    async def delete_account(self, tombstone: Tombstone) -> None:
        """Delete the account that is disconnecting and its owner, and set up its tombstone, together."""
        ...

    async def delete_tenant(self, tombstone: Tombstone) -> None:
        """Delete a tenant without accounts, its keys and its audit log, and set up its tombstone, together."""
        ...

    async def find_tombstones(self, tenant_id: str) -> list[Tombstone]:
        """What was deleted of a tenant, oldest first."""
        ...


class Audit(Protocol):
    """Tenants' audit logs. What is recorded together with a change is handed to whoever makes that change."""

    async def append(self, tenant_id: str, record: AuditRecord) -> None:
        """Add an entry by itself."""
        ...

    async def find_chain(self, tenant_id: str) -> AuditChain:
        """The tenant's chain as it stood at one moment; empty for a tenant nobody knows."""
        ...


class SystemLookups(Protocol):
    """The few look-ups that have no tenant yet."""

    async def find_tenant_by_team(self, team_id: str) -> Tenant | None: ...

    async def find_workspaces_of(self, enterprise_id: str) -> list[Tenant]:
        """The tenants of this organisation's workspaces that installed the app by themselves and stay."""
        ...

    async def find_tenant_by_account(self, account_id: str) -> str | None:
        """The id of the tenant that connected this AWS account."""
        ...

    async def find_digest_tenants(self) -> list[Tenant]:
        """All tenants that stay and want a digest."""
        ...

    async def find_due_accounts(self, proved_after: datetime | None = None) -> list[tuple[str, str]]:
        """(tenant id, account id) of every account that is to be polled, or of those connected after a moment."""
        ...

    async def find_zombie_thresholds(self) -> list[Mapping[str, float]]:
        """What tenants chose themselves, of those that chose anything."""
        ...

    async def find_zombie_asks(self, limit: int) -> list[tuple[str, ZombieAsk]]:
        """(tenant id, ask) of all tenants, the oldest first."""
        ...

    async def find_newborns(self, now: datetime, limits: Thresholds, limit: int) -> list[tuple[str, Resource]]:
        """(tenant id, resource) of what runs for hours only and is expensive, the dearest first."""
        ...

    async def find_unfinished_news(self, limit: int) -> list[tuple[str, Post]]:
        """(tenant id, post) of posts that stand in Slack and tell of an account that is not watched yet."""
        ...

    async def find_history_accounts(self) -> list[tuple[str, str]]:
        """(tenant id, account id) of every account still reading its history."""
        ...

    async def find_disconnecting_accounts(self) -> list[tuple[str, str]]:
        """(tenant id, account id) of every account whose data is to be deleted."""
        ...

    async def find_audited_tenants(self) -> list[str]:
        """The ids of all tenants with an audit log, also of those that are gone."""
        ...

    async def find_leaving_tenants(self) -> list[str]:
        """The ids of all tenants whose data is to be deleted."""
        ...

    async def find_strict_accounts(self) -> list[tuple[str, str]]:
        """(tenant id, account id) of every watched account that is in strict mode because nobody chose another."""
        ...
