"""A rule on trial, a store with one account, and what the rule raised there."""

from datetime import datetime
from typing import Any

from clients.flags import LocalFlags, load_flags, parse_overrides
from engine.flags import Flag
from engine.models.account import GovernanceMode
from engine.models.anomaly import Anomaly, Decision, DecisionKind
from engine.models.policy import NO_POLICY, Policy
from services.flagging import Flagging
from services.held_back import HeldBack
from services.policies import FixedPolicy
from services.since_held import SinceHeld
from store.connect import Store
from tests.store.samples import (
    ACCOUNT,
    NOW,
    TENANT,
    account,
    anomaly,
    loaded,
    nothing_but,
    tenant,
)

FLAG = Flag.YOUNG_CREEP


async def furnished(store: Store) -> Store:
    await store.ensure_indexes()
    await store.tenants.save_tenant(tenant())
    await store.accounts.insert_account(TENANT, account(mode=GovernanceMode.AUDIT))
    return store


def flagging(store: Store, now: datetime = NOW, overrides: str = "young_creep=on") -> Flagging:
    return Flagging(LocalFlags(load_flags(), parse_overrides(overrides)), store.breakers, lambda: now)


def held_back(store: Store, policy: Policy = NO_POLICY) -> HeldBack:
    since_held = SinceHeld(
        tenants=store.tenants,
        accounts=store.accounts,
        anomalies=store.anomalies,
        patterns=store.patterns,
        policies=FixedPolicy(policy),
        clock=lambda: NOW,
    )
    return HeldBack(breakers=store.breakers, amendments=store.amendments, since_held=since_held, clock=lambda: NOW)


def raised(number: int, kind: DecisionKind = DecisionKind.ALERT, **fields: Any) -> Anomaly:
    return anomaly(f"raised-{number}", decision=Decision(kind, "On trial.", flag=FLAG.value), **fields)


async def stored(store: Store, *anomalies: Anomaly) -> None:
    """Commit anomalies as batches would."""
    _, version = await store.baselines.find(TENANT, ACCOUNT)
    found = {one.anomaly_id: one for one in anomalies}
    await store.ledger.commit(TENANT, loaded(version), nothing_but(anomalies=found), NOW)
