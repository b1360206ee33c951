"""Every page of who is signed in: what it shows, to whom, and what it refuses."""

from datetime import timedelta

import pytest

from engine.models.account import Role
from engine.models.anomaly import Decision, DecisionKind, Line, Severity, Signal
from engine.models.cost_event import Actor, ActorKind
from tests.handlers.site.house import HOSTILE, House
from tests.store.samples import OTHER_TENANT, TENANT, tenant

PAGES = ("/dashboard", "/anomalies", "/anomalies?told=all&status=unsettled&span=7d", "/anomalies/a-1", "/settings")


@pytest.mark.parametrize("path", PAGES)
async def test_who_is_not_signed_in_is_led_there_and_back(house: House, path: str) -> None:
    browser = await house.enter()
    browser.cookie = "forged"
    status, _, headers = await browser.get(path)
    assert status == 303
    assert headers["Location"].startswith("/sign-in?next=%2F") or headers["Location"].startswith("/sign-in?next=/")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("path", PAGES)
async def test_pages_show_hostile_names_as_text_under_a_strict_policy(house: House, path: str, role: Role) -> None:
    long = HOSTILE + "x" * 10_000
    await house.put(
        "a-1",
        actor=Actor(HOSTILE, ActorKind.AUTOMATION, long),
        signals=(Signal(HOSTILE, 1.5, long),),
        decision=Decision(DecisionKind.ALERT, long),
        lines=(Line(HOSTILE, long, long, 3, 98.32, labels=(long,)),),
        source_ip=long,
    )
    browser = await house.enter(role, name=HOSTILE)
    status, html, headers = await browser.get(path)
    assert status == 200
    assert "<script" not in html
    assert "\u202e" not in html
    assert len(html) < 100_000
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert " style=" not in html
    assert " onclick" not in html


async def test_a_key_that_may_have_leaked_is_followed_by_what_to_do(house: House) -> None:
    user = Actor("arn:aws:iam::123456789012:user/ci-deploy", ActorKind.PERSON, "ci-deploy")
    await house.put("new", actor=user, signals=(Signal("actor", 1.5, "Nobody called that was ever seen here."),))
    await house.put("usual", actor=user, signals=(Signal("cost", 1.5, "It costs much."),))
    browser = await house.enter()
    html = (await browser.get("/anomalies/new"))[1]
    steps = [html.index(word) for word in ("list-access-keys", "update-access-key", "put-user-policy", "lookup-events")]
    assert steps == sorted(steps)
    assert "If the key may have leaked" not in (await browser.get("/anomalies/usual"))[1]


async def test_another_tenants_anomaly_is_not_there(house: House) -> None:
    await house.put("theirs", OTHER_TENANT)
    browser = await house.enter()
    for path in ("/anomalies/theirs", "/anomalies/unheard-of", "/anomalies/%00"):
        status, html, _ = await browser.get(path)
        assert status == 404
        assert "not in your workspace" in html
    status, html, _ = await browser.post("/anomalies/theirs/verdict", verdict="expected")
    assert status == 404
    assert (await house.store.anomalies.find_anomaly(OTHER_TENANT, "theirs")).status_by == ""
    assert "theirs" not in (await browser.get("/anomalies?told=all"))[1]


@pytest.mark.parametrize(
    "query", ["status=none", "severity=x", "span=1y", "told=no", "account=1", "cursor=zz", f"actor={'x' * 2049}"]
)
async def test_a_filter_that_nobody_offered_is_refused_with_a_hint(house: House, query: str) -> None:
    status, html, _ = await (await house.enter()).get(f"/anomalies?{query}")
    assert status == 400
    assert 'role="alert"' in html


async def test_the_list_is_read_page_by_page_and_filtered(house: House) -> None:
    for number in range(51):
        at = house.now - timedelta(minutes=number)
        severity = Severity.CRITICAL if number == 50 else Severity.WARNING
        await house.put(f"a-{number:02}", last_event_time=at, severity=severity)
    browser = await house.enter()
    first = (await browser.get("/anomalies"))[1]
    assert (first.count('<li class="warn"'), "/anomalies/a-50" in first) == (50, False)
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = (await browser.get(older))[1]
    assert "/anomalies/a-50" in second
    assert "/anomalies/a-49" not in second
    assert "Back to the newest" in second
    critical = (await browser.get("/anomalies?severity=critical"))[1]
    assert ("/anomalies/a-50" in critical, "/anomalies/a-00" in critical) == (True, False)
    assert "Nothing fits" in (await browser.get("/anomalies?status=snoozed"))[1]


async def test_the_dashboard_says_how_far_learning_is_and_that_alerting_is_paused(house: House) -> None:
    await house.store.pauses.pause(TENANT, "U1", house.now, None)
    await house.put("a-1")
    html = (await (await house.enter()).get("/dashboard"))[1]
    assert "of 14 days" in html
    assert "Alerting is paused" in html
    assert "$98.32 per hour" in html
    assert "This month, estimated" in html
    assert "the rest if all that dd0c saw starting goes on" in html
    assert 'href="/anomalies/a-1"' in html
    assert 'action="/sign-out"' in html


async def test_a_dashboard_without_accounts_leads_who_may_to_the_wizard(house: House) -> None:
    await house.store.tenants.save_tenant(tenant("empty", team_name="new"))
    html = (await (await house.enter(Role.ADMIN, "empty")).get("/dashboard"))[1]
    assert 'href="/start"' in html
    html = (await (await house.enter(Role.VIEWER, "empty")).get("/dashboard"))[1]
    assert 'href="/start"' not in html
    assert "Only admins" in html
