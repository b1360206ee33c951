"""Idle resources, and what people say of them."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from engine.models.api_key import Scope
from engine.roles import Deed
from engine.zombies.models import Confidence, Finding, Scan, VerdictKind
from handlers.web.api.models import AccountId, Id, Model, Moment, Nothing, Usd
from handlers.web.api.route import Call, Route
from handlers.web.api.services import ApiServices

_PATH = "/v1/zombies"
_TAG = "zombies"
_MOST = 200


class ZombieFilter(Model):
    """Which page of what is idle; `hidden` ones are those that are kept or were called not idle."""

    account: AccountId | None = None
    hidden: bool = False
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    limit: Annotated[int, Field(ge=1, le=_MOST)] = 50


class ZombiePath(Model):
    """One idle resource."""

    zombie_id: Id


class ZombieVerdictShown(Model):
    """What somebody said of it."""

    verdict: VerdictKind
    by: str
    at: Moment
    until: Moment | None
    reason: str


class ZombieShown(Model):
    """One idle resource. Costs are list USD a month, null where no price is known."""

    zombie_id: str
    account_id: AccountId
    rule: str
    region: str
    resource_id: str
    name: str
    tags: dict[str, str]
    owner: str | None
    owner_source: str | None
    idle_since: Moment | None
    evidence: list[str]
    confidence: Confidence
    threshold: str
    monthly_cost_usd: Usd | None
    price_source: str | None
    commands: list[str]
    found_at: Moment
    seen_at: Moment
    verdict: ZombieVerdictShown | None


class ZombieScanShown(Model):
    """The last look at one account: `ended_at` is before `began_at`, or null, while it goes on.

    `error` says why the one that began last came to nothing, `troubles` what could not be seen of the last one.
    """

    account_id: AccountId
    began_at: Moment
    ended_at: Moment | None
    resources: int
    troubles: list[str]
    error: str


class ZombiePage(Model):
    """What is idle, the dearest first; sums are of all pages."""

    zombies: list[ZombieShown]
    scans: list[ZombieScanShown]
    total: int
    monthly_cost_usd: Usd
    saved_monthly_usd: Usd
    page: int
    pages: int


class NewZombieScan(Model):
    """Look at one account, or at all."""

    account: AccountId | None = None


class ZombieScanOrder(Model):
    """What is looked at now, or next; what was within the hour is not. `GET /v1/zombies` tells when that is done."""

    account_ids: list[AccountId]


class NewZombieVerdict(Model):
    """`keep` needs `until`; after `not_idle` no rule finds this resource any more."""

    verdict: VerdictKind
    until: Moment | None = None
    reason: Annotated[str, Field(max_length=500)] = ""


async def list_zombies(services: ApiServices, call: Call[ZombieFilter, Model]) -> ZombiePage:
    """Give a page; behind the last stands the last."""
    asked = call.params
    found = await services.zombies.page(call.tenant_id, asked.account, asked.page, asked.limit, hidden=asked.hidden)
    return ZombiePage(
        zombies=[_shown(one) for one in found.rows],
        scans=[_scan(one) for one in found.scans],
        total=found.totals.count,
        monthly_cost_usd=found.totals.monthly_cost,
        saved_monthly_usd=found.saved.monthly_cost,
        page=found.page,
        pages=found.pages,
    )


async def create_zombie_scan(services: ApiServices, call: Call[Nothing, NewZombieScan]) -> ZombieScanOrder:
    """Look again for idle resources, at each account once an hour at most: AWS bills it for what is measured."""
    return ZombieScanOrder(account_ids=list(await services.zombies.look_again(call.tenant_id, call.body.account)))


async def create_zombie_verdict(services: ApiServices, call: Call[ZombiePath, NewZombieVerdict]) -> ZombieShown:
    """Record it; the same again changes nothing."""
    said = call.body
    found = await services.zombies.judge(
        call.tenant_id, call.params.zombie_id, said.verdict, call.subject, until=said.until, reason=said.reason
    )
    return _shown(found)


async def undo_zombie_verdict(services: ApiServices, call: Call[ZombiePath, Nothing]) -> ZombieShown:
    """Take back what was said, with what followed from that."""
    return _shown(await services.zombies.undo(call.tenant_id, call.params.zombie_id, call.subject))


def _scan(one: Scan) -> ZombieScanShown:
    return ZombieScanShown(
        account_id=one.account_id,
        began_at=one.began_at,
        ended_at=one.ended_at,
        resources=one.resources,
        troubles=[f"{trouble.family} in {trouble.region}: {trouble.error}" for trouble in one.troubles],
        error=one.error,
    )


def _shown(one: Finding) -> ZombieShown:
    said = one.verdict
    return ZombieShown(
        zombie_id=one.finding_id,
        account_id=one.account_id,
        rule=one.rule,
        region=one.region,
        resource_id=one.resource_id,
        name=one.name,
        tags=dict(one.tags),
        owner=one.owner.name if one.owner else None,
        owner_source=one.owner.source if one.owner else None,
        idle_since=one.idle_since,
        evidence=list(one.evidence),
        confidence=one.confidence,
        threshold=one.threshold,
        monthly_cost_usd=one.monthly_cost,
        price_source=one.price_source,
        commands=list(one.commands),
        found_at=one.found_at,
        seen_at=one.seen_at,
        verdict=ZombieVerdictShown(verdict=said.kind, by=said.by, at=said.at, until=said.until, reason=said.reason)
        if said
        else None,
    )


ROUTES: Sequence[Route] = (
    Route(
        method="GET",
        path=_PATH,
        summary="List idle resources, the dearest first.",
        handle=list_zombies,
        tag=_TAG,
        scope=Scope.READ,
        deed=Deed.LOOK,
        params=ZombieFilter,
        answer=ZombiePage,
    ),
    Route(
        method="POST",
        path=f"{_PATH}/scans",
        summary="Look again for idle resources.",
        handle=create_zombie_scan,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.LOOK,
        body=NewZombieScan,
        answer=ZombieScanOrder,
    ),
    Route(
        method="POST",
        path=f"{_PATH}/{{zombie_id}}/verdicts",
        summary="Say what becomes of an idle resource.",
        handle=create_zombie_verdict,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.ANSWER,
        params=ZombiePath,
        body=NewZombieVerdict,
        answer=ZombieShown,
    ),
    Route(
        method="DELETE",
        path=f"{_PATH}/{{zombie_id}}/verdicts",
        summary="Take back what was said of an idle resource.",
        handle=undo_zombie_verdict,
        tag=_TAG,
        scope=Scope.WRITE,
        deed=Deed.ANSWER,
        params=ZombiePath,
        answer=ZombieShown,
    ),
)
