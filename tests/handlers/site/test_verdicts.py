"""Answers on an anomaly's page: recorded once, by who may, and taken back once."""

from datetime import timedelta

import pytest

from engine.models.account import Role
from engine.models.anomaly import AnomalyStatus, Decision, DecisionKind
from tests.handlers.site.house import Browser, House
from tests.store.samples import TENANT


async def status_of(house: House, anomaly_id: str = "a-1") -> AnomalyStatus:
    return (await house.store.anomalies.find_anomaly(TENANT, anomaly_id)).status


async def say(browser: Browser, verdict: str, **form: str) -> str:
    """Send the form; gives the page that it leads to."""
    status, _, headers = await browser.post("/anomalies/a-1/verdict", verdict=verdict, **form)
    assert status == 303
    return (await browser.get(headers["Location"]))[1]


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        ("expected", AnomalyStatus.EXPECTED),
        ("unexpected", AnomalyStatus.UNEXPECTED),
        ("acknowledged", AnomalyStatus.ACKNOWLEDGED),
        ("snoozed", AnomalyStatus.SNOOZED),
    ],
)
async def test_an_answer_is_recorded_and_the_second_is_told_so_politely(
    house: House, verdict: str, expected: AnomalyStatus
) -> None:
    await house.put("a-1")
    browser = await house.enter(Role.RESPONDER)
    page = await say(browser, verdict, span="4h")
    assert "Recorded" in page
    assert f'value="{verdict}"' not in page
    assert await status_of(house) is expected
    late = await say(await house.enter(Role.ADMIN, name="Sam"), verdict)
    assert "That changed nothing: Maria" in late
    assert len(await house.store.anomalies.find_verdicts(TENANT, "a-1")) == 1


@pytest.mark.integration
async def test_undo_said_twice_takes_back_one_answer_only(real_house: House) -> None:
    await real_house.put("a-1")
    browser = await real_house.enter(Role.RESPONDER)
    await say(browser, "acknowledged")
    page = await say(browser, "unexpected")
    revision = page.split('name="revision" value="')[1].split('"')[0]
    assert "Recorded" in await say(browser, "undo", revision=revision)
    assert await status_of(real_house) is AnomalyStatus.ACKNOWLEDGED
    assert "That changed nothing" in await say(browser, "undo", revision=revision)
    assert await status_of(real_house) is AnomalyStatus.ACKNOWLEDGED


async def test_the_page_says_before_what_a_snooze_would_hide(house: House) -> None:
    """As the form in Slack does; only alerts by the same actor and of the same types count, and the last 30 days."""
    await house.put("a-1")
    browser = await house.enter(Role.RESPONDER)
    alone = (await browser.get("/anomalies/a-1"))[1]
    assert "would have hidden no other alert" in alone
    assert 'aria-describedby="snooze-means"' in alone
    await house.put("a-2", first_event_time=house.now - timedelta(days=3))
    await house.put(
        "a-3", first_event_time=house.now - timedelta(days=40), last_event_time=house.now - timedelta(days=40)
    )
    assert "would have hidden 1 other alert, $" in (await browser.get("/anomalies/a-1"))[1]
    viewer = await house.enter(Role.VIEWER, name="Vera")
    assert "would have hidden" not in (await viewer.get("/anomalies/a-1"))[1]
    await say(browser, "snoozed", span="1h")
    assert "would have hidden" not in (await browser.get("/anomalies/a-1"))[1]


async def test_what_was_announced_asks_nothing_and_says_why(house: House) -> None:
    why = Decision(DecisionKind.LOG, "Expected, as Maria-admin said.")
    await house.put("a-1", status=AnomalyStatus.EXPECTED, expectation_id="x-1", decision=why, running_hourly_cost=0.0)
    browser = await house.enter(Role.ADMIN)
    _, page, _ = await browser.get("/anomalies/a-1")
    assert "Only logged: Expected, as Maria said." in page
    assert "Nobody was asked, because an expectation covers it." in page
    assert 'name="verdict"' not in page
    assert "Running for" not in page
    for verdict in ("expected", "undo"):
        assert "That changed nothing" in await say(browser, verdict)
    assert await house.store.anomalies.find_verdicts(TENANT, "a-1") == []


async def test_who_may_only_look_has_no_buttons_and_is_refused(house: House) -> None:
    await house.put("a-1")
    viewer = await house.enter(Role.VIEWER)
    page = (await viewer.get("/anomalies/a-1"))[1]
    assert "/verdict" not in page
    assert "takes the role responder" in page
    status, html, _ = await viewer.post("/anomalies/a-1/verdict", verdict="expected")
    assert (status, "does not suffice" in html) == (403, True)
    assert await status_of(house) is AnomalyStatus.OPEN


async def test_a_form_from_elsewhere_counts_nothing(house: House) -> None:
    await house.put("a-1")
    browser = await house.enter()
    status, html, _ = await browser.post("/anomalies/a-1/verdict", verdict="expected", csrf_token="forged")
    assert (status, "not from here" in html) == (403, True)
    for verdict in ("", "exploded"):
        status, html, _ = await browser.post("/anomalies/a-1/verdict", verdict=verdict)
        assert (status, "choose one of its buttons" in html) == (400, True)
    assert await status_of(house) is AnomalyStatus.OPEN


async def test_a_link_cannot_claim_that_something_was_recorded_by_other_words(house: House) -> None:
    await house.put("a-1")
    page = (await (await house.enter()).get("/anomalies/a-1?answer=<b>paid</b>"))[1]
    assert "paid" not in page
