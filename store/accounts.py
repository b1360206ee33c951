"""Connected AWS accounts, and which tenant owns which."""

from collections.abc import Mapping, Sequence

from pymongo import UpdateOne

from engine.entitlements import full
from engine.errors import Conflict, NotFound, PlanLimit
from engine.models.access_key import SealedAccessKey
from engine.models.account import AccountStatus, Arrivals, AwsAccount, GovernanceMode, RegionCursor
from engine.models.audit import AuditRecord
from engine.models.sensitivity import SensitivityRule
from store.audit import Audit
from store.codec import SCHEMA_VERSION, Document, clean, decode, encode, plain, within
from store.database import OLDEST_FIRST, Database, find_all
from store.errors import refusal_of, translated
from store.silences import judge_again
from store.transactions import Session

# Each writer sets fields of its own only: whoever read an account earlier must not undo what others changed since.
_OPENED = ("name", "status", "status_detail", "role_arn", "role_check", "regions_learned")
_TRIED = ("role_arn", "role_check")
_LEARNED = ("status", "status_detail", "regions_learned", "history_alerts", "mode")


class Accounts:
    """The collections ``accounts`` and ``account_owners``."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit
        self._accounts = database.accounts

    @translated
    async def find_account(self, tenant_id: str, account_id: str) -> AwsAccount:
        """Raise NotFound when this tenant has no such account."""
        document = await self._accounts.find_one(within(tenant_id, account_id=account_id))
        if document is None:
            raise _missing(account_id)
        return decode(AwsAccount, document)

    @translated
    async def find_accounts(self, tenant_id: str) -> list[AwsAccount]:
        """All accounts of the tenant, by connection time."""
        by_time = {"connected_at": OLDEST_FIRST, "account_id": OLDEST_FIRST}
        return await find_all(self._accounts, AwsAccount, within(tenant_id), sort=by_time)

    @translated
    async def insert_account(self, tenant_id: str, account: AwsAccount, *, most: int | None = None) -> None:
        """Keep a new account; raise Conflict when this tenant has it already, or another one owns it.

        One that is only pending is claimed by nobody: whoever asks for it has proved nothing yet. Raise PlanLimit when
        the tenant has ``most`` accounts already, also when two are inserted at once.
        """
        document = encode(tenant_id, account)

        async def write(session: Session | None) -> None:
            if most is not None:
                await self._require_room(tenant_id, most, session)
            if account.status is not AccountStatus.PENDING:
                await self._claim(tenant_id, account.account_id, session)
            await self._accounts.insert_one(document, session=session)

        try:
            await translated(self._database.transaction)(write)
        except Conflict as error:
            raise refusal_of(error, f"AWS account {account.account_id} is connected already.") from error

    @translated
    async def open_account(
        self, tenant_id: str, account: AwsAccount, record: AuditRecord, key: SealedAccessKey | None = None
    ) -> None:
        """Claim an account whose role or key was proved, and note what was found out, together; its Regions are added.

        A key that opened it before is forgotten. Raise Conflict when another tenant owns it, NotFound when this one has
        it no more.
        """
        found = _only(_OPENED, tenant_id, account) | {"access_key_id": clean(key.key_id) if key else ""}
        query, changes = _staying(tenant_id, account.account_id), {"$set": found, **_added(account.regions)}

        async def write(session: Session | None) -> None:
            await self._claim(tenant_id, account.account_id, session)
            if not (await self._accounts.update_one(query, changes, session=session)).matched_count:
                raise _missing(account.account_id)
            await self._keep_key(tenant_id, account.account_id, key, session)
            await self._audit.add(tenant_id, record, session)

        try:
            await translated(self._database.transaction)(write)
        except Conflict as error:
            raise refusal_of(
                error, f"AWS account {account.account_id} is connected to another workspace already."
            ) from error

    async def _keep_key(
        self, tenant_id: str, account_id: str, key: SealedAccessKey | None, session: Session | None
    ) -> None:
        """An account has one way in: a key, which takes the place of the last one, or a role."""
        of_account = within(tenant_id, account_id=account_id)
        if key is None:
            await self._database.access_keys.delete_one(of_account, session=session)
            return
        changes = {"$set": encode(tenant_id, key)}
        await self._database.access_keys.update_one(of_account, changes, upsert=True, session=session)

    async def _require_room(self, tenant_id: str, most: int, session: Session | None) -> None:
        """Writing to the tenant lets two that count at once follow each other; who finds no room writes nothing."""
        staying = within(tenant_id, status={"$ne": AccountStatus.DISCONNECTING.value})
        if await self._accounts.count_documents(staying, session=session) >= most:
            raise PlanLimit(full(most))
        await self._database.tenants.update_one(within(tenant_id), {"$inc": {"insertions": 1}}, session=session)

    async def _claim(self, tenant_id: str, account_id: str, session: Session | None) -> None:
        """Fails with a duplicate key when another tenant is the owner."""
        owner = within(tenant_id, _id=account_id)
        first = {"$setOnInsert": {"schema_version": SCHEMA_VERSION}}
        await self._database.account_owners.update_one(owner, first, upsert=True, session=session)

    @translated
    async def add_regions(self, tenant_id: str, account_id: str, regions: Sequence[str]) -> None:
        """Watch these Regions too; raise NotFound for an account that is disconnecting or gone."""
        await self._update(_staying(tenant_id, account_id), _added(regions))

    @translated
    async def save_access(self, tenant_id: str, read: AwsAccount, status: AccountStatus, detail: str) -> None:
        """Note whether the role or key of ``read`` opens the account, if that is watched still and by the same one."""
        by_key = {"$in": ["", None]} if not read.access_key_id else read.access_key_id
        query = within(
            tenant_id,
            account_id=read.account_id,
            status={"$in": [AccountStatus.ACTIVE.value, AccountStatus.DENIED.value]},
            role_arn=read.role_arn,
            access_key_id=by_key,
        )
        await self._change(query, {"$set": {"status": status.value, "status_detail": clean(detail)}})

    @translated
    async def promote_account(self, tenant_id: str, account_id: str, record: AuditRecord) -> bool:
        """Let the account alert as scored, with a record; False where it is not in default strict mode any more."""
        default_strict = {"mode": GovernanceMode.STRICT.value, "mode_set_by": ""}
        query = within(tenant_id, account_id=account_id, status=AccountStatus.ACTIVE.value, **default_strict)
        return await self._change(query, {"$set": {"mode": GovernanceMode.AUDIT.value}}, record)

    @translated
    async def begin_leaving(self, tenant_id: str, account_id: str, reason: str, record: AuditRecord) -> bool:
        """Mark the account as disconnecting, with a record; False where somebody did before, or it is gone."""
        leaving = {"status": AccountStatus.DISCONNECTING.value, "status_detail": clean(reason)}
        return await self._change(_staying(tenant_id, account_id), {"$set": leaving}, record)

    @translated
    async def save_progress(self, tenant_id: str, account: AwsAccount, record: AuditRecord | None = None) -> None:
        """Write how far reading the account's history is, and nothing else.

        Reading takes long, and somebody may have given the account another role meanwhile. Raise NotFound when it does
        not learn any more.
        """
        query = within(tenant_id, account_id=account.account_id, status=AccountStatus.LEARNING.value)
        await self._update(query, {"$set": _only(_LEARNED, tenant_id, account)}, record)

    @translated
    async def keep_refusal(self, tenant_id: str, account: AwsAccount) -> None:
        """Write which role was tried and what is wrong with it, if the account still waits for one.

        Another role may have opened it while this one was tried; then it stays as it is.
        """
        query = within(tenant_id, account_id=account.account_id, status=AccountStatus.PENDING.value)
        await self._change(query, {"$set": _only(_TRIED, tenant_id, account)})

    @translated
    async def save_sensitivities(
        self, tenant_id: str, account_id: str, rules: Sequence[SensitivityRule], record: AuditRecord
    ) -> None:
        """Replace the account's sensitivities, with a record; raise NotFound when the tenant has no such account."""
        changes = {"$set": {"sensitivities": [plain(rule) for rule in rules]}}
        await self._update(within(tenant_id, account_id=account_id), changes, record)

    @translated
    async def save_mode_choice(self, tenant_id: str, account_id: str, set_by: str, record: AuditRecord) -> None:
        """Note who chose strict mode for the account, "" for nobody any more; raise NotFound when there is none.

        A batch that was judged before is judged again by what holds now.
        """

        async def write(session: Session | None) -> None:
            chosen = {"$set": {"strict_set_by": clean(set_by)}}
            account = within(tenant_id, account_id=account_id)
            if not (await self._accounts.update_one(account, chosen, session=session)).matched_count:
                raise _missing(account_id)
            await judge_again(self._database, tenant_id, session, account_id=account_id)
            await self._audit.add(tenant_id, record, session)

        await self._database.transaction(write)

    @translated
    async def save_cursors(self, tenant_id: str, account_id: str, cursors: Sequence[RegionCursor]) -> None:
        """Replace the cursors of the Regions given; those of other Regions stay."""
        account = within(tenant_id, account_id=account_id)
        rows = [plain(cursor) for cursor in cursors]
        writes = [
            UpdateOne(account, {"$pull": {"cursors": {"region": {"$in": [row["region"] for row in rows]}}}}),
            UpdateOne(account, {"$push": {"cursors": {"$each": rows, "$sort": {"region": OLDEST_FIRST}}}}),
        ]

        async def write(session: Session | None) -> None:
            result = await self._accounts.bulk_write(writes, session=session)
            if not result.matched_count:
                raise _missing(account_id)

        await self._database.transaction(write)

    @translated
    async def count_records(
        self, tenant_id: str, account_id: str, *, read: int, malformed: int, unknown_prices: int, last_malformed: str
    ) -> None:
        """Add to the account's counters; an empty ``last_malformed`` keeps the old text."""
        counts = {"records_read": read, "records_malformed": malformed, "unknown_prices": unknown_prices}
        changes: Document = {"$inc": counts}
        if last_malformed:
            changes["$set"] = {"last_malformed": clean(last_malformed)}
        await self._update(within(tenant_id, account_id=account_id), changes)

    @translated
    async def save_arrivals(
        self, tenant_id: str, account_id: str, source: str, arrivals: Mapping[str, Arrivals]
    ) -> None:
        """Replace what is known of a source in the Regions given."""
        changes = {f"arrivals.{source}.{region}": plain(known) for region, known in arrivals.items()}
        if changes:
            await self._update(within(tenant_id, account_id=account_id), {"$set": changes})

    async def _change(self, query: Document, changes: Document, record: AuditRecord | None = None) -> bool:
        """Change the account that fits the query, and record it in the same transaction; False where none fits."""

        async def write(session: Session | None) -> bool:
            fits = bool((await self._accounts.update_one(query, changes, session=session)).matched_count)
            if fits and record is not None:
                await self._audit.add(query["tenant_id"], record, session)
            return fits

        return await (write(None) if record is None else self._database.transaction(write))

    async def _update(self, query: Document, changes: Document, record: AuditRecord | None = None) -> None:
        if not await self._change(query, changes, record):
            raise _missing(query["account_id"])


def _staying(tenant_id: str, account_id: str) -> Document:
    """The account, unless it is disconnecting: whoever read it before that must not bring it back."""
    return within(tenant_id, account_id=account_id, status={"$ne": AccountStatus.DISCONNECTING.value})


def _only(fields: Sequence[str], tenant_id: str, account: AwsAccount) -> Document:
    document = encode(tenant_id, account)
    return {name: document[name] for name in fields}


def _added(regions: Sequence[str]) -> Document:
    return {"$addToSet": {"regions": {"$each": [clean(region) for region in regions]}}}


def _missing(account_id: str) -> NotFound:
    return NotFound(f"AWS account {account_id!r} is not connected.")
