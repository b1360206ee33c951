"""What each account normally does, with the version every change of the account moves."""

from engine.baselines.model import Baseline
from engine.errors import Conflict
from engine.models.account import Experience
from store.codec import Document, clean, decode, encode, within
from store.database import Database
from store.errors import translated
from store.transactions import Session

_NONE_YET: Document = {"first_event_time": None, "events": 0}
_KEYED = (
    "types",
    "pairs",
    "actors",
    "regions",
    "levels",
    "unit_levels",
    "told",
    "alerted",
    "activities",
    "gauges",
    "lifetimes",
)


class Baselines:
    """The collection ``baselines``. What takes a session, or returns a version, is called by translated methods."""

    def __init__(self, database: Database) -> None:
        self._baselines = database.baselines

    @translated
    async def find_experiences(self, tenant_id: str) -> dict[str, Experience]:
        """Account id -> experience, for every account of the tenant that has a baseline."""
        found = self._baselines.find(within(tenant_id), {"account_id": 1, "first_event_time": 1, "events": 1})
        return {document["account_id"]: decode(Experience, {**_NONE_YET, **document}) async for document in found}

    async def find(self, tenant_id: str, account_id: str) -> tuple[Baseline, int]:
        """Return the account's baseline and its version: an empty one at version 0 before the first commit."""
        document = await self._baselines.find_one(within(tenant_id, account_id=account_id))
        if document is None:
            return Baseline(account_id=account_id), 0
        return decode_baseline(document), int(document["version"])

    async def replace(self, tenant_id: str, baseline: Baseline, version: int, session: Session | None) -> None:
        """Write the next version; raise Conflict when the stored one is not ``version`` any more."""
        document = {**encode_baseline(tenant_id, baseline), "version": version + 1}
        if not version:
            await self._baselines.insert_one(document, session=session)
            return
        query = within(tenant_id, account_id=baseline.account_id, version=version)
        result = await self._baselines.update_one(query, {"$set": document}, session=session)
        if not result.matched_count:
            raise Conflict(f"AWS account {baseline.account_id} changed since it was read.")

    async def touch(self, tenant_id: str, account_id: str, session: Session | None) -> None:
        """Move the version alone, so that a batch judged on what was true before is judged again."""
        query = within(tenant_id, account_id=account_id)
        await self._baselines.update_one(query, {"$inc": {"version": 1}}, session=session)


def encode_baseline(tenant_id: str, baseline: Baseline) -> Document:
    """Return the document; keys from outside (dots, dollar signs, empty ones) become values of sub-documents."""
    document = encode(tenant_id, baseline)
    for name in _KEYED:
        document[name] = [{"key": clean(key), "value": value} for key, value in document[name].items()]
    return document


def decode_baseline(document: Document) -> Baseline:
    """Return the baseline of a document; raise UpstreamError when it cannot be one."""
    keyed = {name: {row["key"]: row["value"] for row in document.get(name, ())} for name in _KEYED}
    return decode(Baseline, {**document, **keyed})
