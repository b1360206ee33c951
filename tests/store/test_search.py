"""Looking among anomalies by what people ask for."""

import msgspec
import pytest

from engine.models.anomaly import AnomalyStatus, Decision, DecisionKind, Severity
from engine.models.search import Criteria
from store.connect import Store
from tests.store.samples import ACCOUNT, HOUR, NOW, OTHER_TENANT, TENANT, anomaly, changes, loaded

ALL = Criteria(
    since=NOW - 1000 * HOUR,
    severities=tuple(Severity),
    decisions=tuple(DecisionKind),
    statuses=tuple(AnomalyStatus),
)
LOGGED = Decision(DecisionKind.LOG, "it costs nothing")


@pytest.fixture
async def filled(store: Store) -> Store:
    found = [
        anomaly("aa-1", last_event_time=NOW),
        anomaly("aa-2", last_event_time=NOW - HOUR, severity=Severity.CRITICAL, status=AnomalyStatus.EXPECTED),
        anomaly("bb-3", last_event_time=NOW - 2 * HOUR, decision=LOGGED, account_id="999900001111"),
    ]
    await store.ledger.commit(TENANT, loaded(), changes(anomalies={one.anomaly_id: one for one in found}), NOW)
    return store


@pytest.mark.parametrize(
    ("criteria", "ids"),
    [
        ({}, ["aa-1", "aa-2", "bb-3"]),
        ({"since": NOW - HOUR}, ["aa-1", "aa-2"]),
        ({"severities": [Severity.CRITICAL]}, ["aa-2"]),
        ({"decisions": [DecisionKind.LOG]}, ["bb-3"]),
        ({"statuses": [AnomalyStatus.OPEN]}, ["aa-1", "bb-3"]),
        ({"account_id": ACCOUNT}, ["aa-1", "aa-2"]),
        ({"account_id": "\ud800"}, []),
        ({"severities": []}, []),
    ],
)
async def test_only_what_meets_all_criteria(filled: Store, criteria: dict[str, object], ids: list[str]) -> None:
    asked = msgspec.structs.replace(ALL, **criteria)
    found = await filled.search.find_page(TENANT, asked, skip=0, limit=10)
    assert [one.anomaly_id for one in found] == ids
    assert await filled.search.count(TENANT, asked) == len(ids)
    assert await filled.search.find_page(OTHER_TENANT, asked, skip=0, limit=10) == []
    assert await filled.search.count(OTHER_TENANT, asked) == 0


async def test_pages_follow_each_other(filled: Store) -> None:
    pages = [await filled.search.find_page(TENANT, ALL, skip=skip, limit=2) for skip in (0, 2, 4)]
    assert [[one.anomaly_id for one in page] for page in pages] == [["aa-1", "aa-2"], ["bb-3"], []]


@pytest.mark.parametrize(("prefix", "count"), [("aa-", 2), ("aa-1", 1), ("a", 2), ("c", 0), ("\ud800", 0), (".*", 0)])
async def test_ids_by_their_beginning(filled: Store, prefix: str, count: int) -> None:
    assert len(await filled.search.find_by_prefix(TENANT, prefix, 10)) == count
    assert await filled.search.find_by_prefix(OTHER_TENANT, prefix, 10) == []
