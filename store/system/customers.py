"""Look-ups over all tenants: who somebody is, and which tenants and accounts are due for something."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from engine.models.access_key import SealedAccessKey
from engine.models.account import AccountStatus, GovernanceMode, Tenant
from engine.models.api_key import ApiKey
from engine.models.installation import SlackInstallation
from engine.models.policy import Policy
from engine.models.schedule import DigestRhythm
from engine.models.session import User
from engine.models.ticket import SealedTracker
from store.codec import Document, clean, decode
from store.database import Database, find_all
from store.errors import translated

# A denied account is polled on, because that is how we notice that its role is back.
_POLLED = (AccountStatus.ACTIVE, AccountStatus.DENIED)
_LEAVES = AccountStatus.DISCONNECTING.value
_WHY = "operator_panic.why"  # A text where the operator's panic mode holds, and missing elsewhere.


class SystemCustomers:
    """Tenants, people, installations, keys and accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @translated
    async def find_tenant_by_team(self, team_id: str) -> Tenant | None:
        """Return the tenant of a Slack workspace or organisation; an empty id belongs to nobody."""
        if not team_id:
            return None
        document = await self._database.tenants.find_one({"team_id": clean(team_id)})
        return decode(Tenant, document) if document else None

    @translated
    async def find_login(self, issuer: str, subject: str) -> tuple[str, User] | None:
        """(tenant id, user) of any tenant who signs in like this."""
        query = {"issuer": clean(issuer), "subject": clean(subject)}
        document = await self._database.users.find_one(query)
        return (document["tenant_id"], decode(User, document)) if document else None

    @translated
    async def find_installations(self, slack_ids: Sequence[str]) -> list[tuple[str, SlackInstallation]]:
        """(tenant id, installation) of the workspaces and organisations with these ids."""
        return await self._find_installations({"installed_by": {"$in": [clean(slack_id) for slack_id in slack_ids]}})

    @translated
    async def find_workspaces_of(self, enterprise_id: str) -> list[Tenant]:
        """The tenants of this organisation's workspaces that installed the app by themselves and stay."""
        alone = {"enterprise_id": clean(enterprise_id), "is_enterprise_install": False}
        found = await self._find_installations({"installed_by": {"$gt": ""}, **alone})
        query = {"team_id": {"$in": [row.installed_by for _, row in found]}, "leaving": {"$ne": True}}
        return await find_all(self._database.tenants, Tenant, query)

    @translated
    async def find_all_installations(self) -> list[tuple[str, SlackInstallation]]:
        """(tenant id, installation) of all; for giving them another key."""
        return await self._find_installations({"installed_by": {"$gt": ""}})

    @translated
    async def find_all_trackers(self) -> list[tuple[str, SealedTracker]]:
        """(tenant id, tracker) of all; for giving their tokens another key."""
        found = self._database.trackers.find({"place.kind": {"$gt": ""}})
        return [(document["tenant_id"], decode(SealedTracker, document)) async for document in found]

    @translated
    async def find_all_access_keys(self) -> list[tuple[str, SealedAccessKey]]:
        """(tenant id, access key) of all; for giving their secrets another key, and for looking how old they are."""
        found = self._database.access_keys.find({"key_id": {"$gt": ""}})
        return [(document["tenant_id"], decode(SealedAccessKey, document)) async for document in found]

    async def _find_installations(self, query: Document) -> list[tuple[str, SlackInstallation]]:
        found = self._database.installations.find(query)
        return [(document["tenant_id"], decode(SlackInstallation, document)) async for document in found]

    @translated
    async def find_tenants(self, limit: int) -> list[Tenant]:
        """Some tenants with a Slack workspace: enough to see whether there is exactly one."""
        return await find_all(self._database.tenants, Tenant, {"team_id": {"$gt": ""}}, limit=limit)

    @translated
    async def find_digest_tenants(self) -> list[Tenant]:
        """All tenants that stay and want a digest."""
        wanted = {"leaving": {"$ne": True}, "digest.rhythm": {"$ne": DigestRhythm.OFF.value}}
        return await find_all(self._database.tenants, Tenant, {"team_id": {"$gt": ""}, **wanted})

    @translated
    async def find_tenant_by_account(self, account_id: str) -> str | None:
        """The id of the tenant that connected this AWS account."""
        document = await self._database.account_owners.find_one({"_id": clean(account_id)}, {"tenant_id": 1})
        return str(document["tenant_id"]) if document else None

    @translated
    async def find_due_accounts(self, proved_after: datetime | None = None) -> list[tuple[str, str]]:
        """(tenant id, account id) of every account that is to be polled, or of those whose role was proved since."""
        return await self._find_accounts(*_POLLED, proved_after=proved_after)

    @translated
    async def find_history_accounts(self) -> list[tuple[str, str]]:
        """(tenant id, account id) of every account still reading its history."""
        return await self._find_accounts(AccountStatus.LEARNING)

    @translated
    async def find_disconnecting_accounts(self) -> list[tuple[str, str]]:
        """(tenant id, account id) of every account whose data is to be deleted."""
        return await self._find_accounts(AccountStatus.DISCONNECTING)

    @translated
    async def find_leaving_tenants(self) -> list[str]:
        """The ids of all tenants whose data is to be deleted."""
        found = self._database.tenants.find({"leaving": True}, {"tenant_id": 1})
        return [document["tenant_id"] async for document in found]

    @translated
    async def find_tenants_to_silence(self, by: str, why: str, limit: int) -> list[Tenant]:
        """Tenants that stay and for which the operator's panic mode does not hold, or holds with other words."""
        reason, author = clean(why), clean(by)
        other = [{_WHY: {"$ne": reason}}, {_WHY: reason, "operator_panic.by": {"$ne": author}}]
        query: Document = {"leaving": {"$ne": True}, "$or": other}
        return await find_all(self._database.tenants, Tenant, query, limit=limit)

    @translated
    async def find_tenants_in_panic(self, limit: int) -> list[Tenant]:
        """Tenants for which the operator's panic mode holds."""
        return await find_all(self._database.tenants, Tenant, {_WHY: {"$gte": ""}}, limit=limit)

    @translated
    async def find_made_strict(self, policy: Policy) -> dict[str, frozenset[str]]:
        """Tenant id -> ids of its accounts that the operator's policy makes strict."""
        strict = policy.governance_mode is GovernanceMode.STRICT
        named = sorted(key for key, mode in policy.accounts.items() if mode is not policy.governance_mode)
        if not (strict or named):
            return {}
        query = {"account_id": {"$nin" if strict else "$in": named}, "status": {"$ne": _LEAVES}}
        found: defaultdict[str, set[str]] = defaultdict(set)
        async for row in self._database.accounts.find(query, {"tenant_id": 1, "account_id": 1}):
            found[row["tenant_id"]].add(row["account_id"])
        return {tenant_id: frozenset(ids) for tenant_id, ids in found.items()}

    @translated
    async def find_noted_strict(self) -> dict[str, frozenset[str]]:
        """Tenant id -> ids of its accounts of which its audit log says that the operator's policy makes them strict."""
        found = self._database.tenants.find({"policy_strict": {"$gt": ""}}, {"tenant_id": 1, "policy_strict": 1})
        return {row["tenant_id"]: frozenset(row["policy_strict"]) async for row in found}

    @translated
    async def find_api_key(self, digest: str) -> ApiKey | None:
        """The key of any tenant with this SHA-256, whether it still works or not."""
        document = await self._database.api_keys.find_one({"digest": clean(digest)})
        return decode(ApiKey, document) if document else None

    @translated
    async def find_strict_accounts(self) -> list[tuple[str, str]]:
        """(tenant id, account id) of every watched account that is in strict mode because nobody chose another."""
        query = {"status": AccountStatus.ACTIVE.value, "mode": GovernanceMode.STRICT.value, "mode_set_by": ""}
        found = self._database.accounts.find(query, {"tenant_id": 1, "account_id": 1})
        return [(document["tenant_id"], document["account_id"]) async for document in found]

    @translated
    async def find_audited_tenants(self) -> list[str]:
        """The ids of all tenants with an audit log, also of those that are gone."""
        logs = (self._database.audit_heads, self._database.audit_log)
        found: set[str] = set()
        for collection in logs:
            rows = collection.aggregate([{"$match": {"seq": {"$gt": 0}}}, {"$group": {"_id": "$tenant_id"}}])
            found.update([row["_id"] async for row in rows])
        return sorted(found)

    async def _find_accounts(
        self, *statuses: AccountStatus, proved_after: datetime | None = None
    ) -> list[tuple[str, str]]:
        query: Document = {"status": {"$in": [status.value for status in statuses]}}
        if proved_after is not None:
            query["role_check.checked_at"] = {"$gt": proved_after}
        if AccountStatus.DISCONNECTING not in statuses:
            query["paused_at"] = None
        found = self._database.accounts.find(query, {"tenant_id": 1, "account_id": 1})
        return [(document["tenant_id"], document["account_id"]) async for document in found]
