"""The landing page, the wizard and the plan, as browsers of all kinds of people meet them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
import pytest

from demo.aws_account import AwsSimulator
from demo.stripe_account import StripeSimulator
from engine.models.account import AccountStatus, Role
from store.connect import Store
from tests.fixtures.memory import memory_database
from tests.handlers.site.house import HOSTILE, OTHER_ACCOUNT, House, opened
from tests.store.conftest import RETENTION_DAYS
from tests.store.samples import TENANT, account

NEW = "777788889999"
ROLE = f"arn:aws:iam::{NEW}:role/dd0c-cost-readonly"
PAGES = (
    "/start",
    f"/start/{NEW}",
    f"/start/{NEW}/slack",
    f"/start/{NEW}/done",
    f"/start/{NEW}/disconnect",
    "/billing",
    "/billing/checkout",
)


def a_store() -> Store:
    return Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS)


@pytest.fixture
async def aws() -> AsyncIterator[AwsSimulator]:
    simulator = AwsSimulator(lookup_rate=None)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def free_house(aws: AwsSimulator) -> AsyncIterator[House]:
    """Nobody pays here."""
    async with opened(a_store(), **aws.environment()) as running:
        yield running


@pytest.fixture
async def paid_house(aws: AwsSimulator, stripe: StripeSimulator) -> AsyncIterator[House]:
    """Pro costs money here, and no event of Stripe's ever arrives."""
    async with opened(a_store(), **aws.environment(), **stripe.environment()) as running:
        yield running


async def fetch(house: House, path: str) -> aiohttp.ClientResponse:
    async with aiohttp.ClientSession() as session, session.get(house.url + path, allow_redirects=False) as answer:
        await answer.text()
        return answer


async def test_the_landing_page_needs_nobody_and_nothing_from_elsewhere(paid_house: House) -> None:
    answer = await fetch(paid_house, "/")
    page = await answer.text()
    assert answer.status == 200
    assert "Set-Cookie" not in answer.headers
    assert "$19" in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    links = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert [link for link in links if urlsplit(link).netloc] == []
    assert {"/start", "/sign-in", "/v1/reference", "/privacy", "/support"} <= set(links)


async def test_where_nobody_pays_no_price_is_named_and_one_workspace_cannot_be_added(free_house: House) -> None:
    page = await (await fetch(free_house, "/")).text()
    assert "$19" not in page
    assert "Add to Slack" not in page


@pytest.mark.parametrize("path", PAGES)
async def test_strangers_are_sent_to_sign_in_and_others_told_who_may(paid_house: House, path: str) -> None:
    sent = await fetch(paid_house, path)
    assert (sent.status, sent.headers["Location"]) == (303, f"/sign-in?next={path}")
    for role in (Role.RESPONDER, Role.VIEWER):
        status, page, _ = await (await paid_house.enter(role)).get(path)
        assert status == 403
        assert f"yours is {role.value}" in page


@pytest.mark.parametrize("path", ["/start", f"/start/{NEW}", f"/start/{NEW}/look", "/start/111122223333/disconnect"])
async def test_only_our_own_forms_of_admins_count(free_house: House, path: str) -> None:
    form = {"account_id": NEW, "role_arn": ROLE}
    admin = await free_house.enter()
    assert (await admin.post(path, **form, csrf_token="made-up"))[0] == 403
    assert (await (await free_house.enter(Role.RESPONDER)).post(path, **form))[0] == 403
    [account] = await free_house.store.accounts.find_accounts(TENANT)
    assert (account.account_id, account.status) == ("111122223333", AccountStatus.ACTIVE)


@pytest.mark.parametrize("given", ["", "12", HOSTILE, "1" * 5000, "12345678901a", "\N{FULLWIDTH DIGIT ONE}" * 12])
async def test_what_is_no_account_is_refused_with_a_hint(free_house: House, given: str) -> None:
    status, page, _ = await (await free_house.enter()).post("/start", account_id=given)
    assert status == 422
    assert "has 12 digits" in page
    assert "<script>alert" not in page


async def test_an_account_is_connected_once_its_role_is_good(free_house: House, aws: AwsSimulator) -> None:
    admin = await free_house.enter()
    status, _, headers = await admin.post("/start", account_id="7777-8888-9999")
    assert (status, headers["Location"]) == (303, f"/start/{NEW}")
    _, page, _ = await admin.get(f"/start/{NEW}")
    account = await free_house.store.accounts.find_account(TENANT, NEW)
    assert account.external_id in page
    waits = json.loads((await admin.post(f"/start/{NEW}/look"))[1])
    assert "not there yet" in waits["said"]

    simulated = aws.add_account(NEW, external_id=None, alias="acme-lab")
    status, page, _ = await admin.post(f"/start/{NEW}", role_arn=ROLE)
    assert status == 422
    assert "without its external id" in page
    assert ROLE in page
    simulated.restore_role(account.external_id)
    for path in (f"/start/{NEW}/look", f"/start/{NEW}", f"/start/{NEW}"):  # The script, a click, and another one.
        status, said, headers = await admin.post(path, role_arn=ROLE)
        assert f"/start/{NEW}/slack" in (said, headers.get("Location"), json.loads(said or "{}").get("next"))
    assert (await free_house.store.accounts.find_account(TENANT, NEW)).status is AccountStatus.LEARNING

    assert "Slack is connected" in (await admin.get(f"/start/{NEW}/slack"))[1]
    assert "Watching" in (await admin.get(f"/start/{NEW}/done"))[1]
    told = json.loads((await admin.get(f"/start/{NEW}/progress"))[1])
    assert told["done"] is False
    assert "last 90 days are being read" in told["said"]
    assert f"/start/{NEW}/done" in (await admin.get("/start"))[1]


@pytest.mark.parametrize("role", ["", HOSTILE, "arn:aws:iam::111122223333:role/x", "x" * 9000])
async def test_what_is_no_role_of_the_account_is_refused_with_a_hint(free_house: House, role: str) -> None:
    admin = await free_house.enter()
    await admin.post("/start", account_id=NEW)
    status, page, _ = await admin.post(f"/start/{NEW}", role_arn=role)
    assert status == 422
    assert f"say {ROLE}" in page
    assert "<script>alert" not in page


async def test_nobody_reaches_an_account_of_others(free_house: House) -> None:
    admin = await free_house.enter()
    status, page, _ = await admin.post("/start", account_id=OTHER_ACCOUNT)
    assert status == 422
    assert "connected to another workspace" in page
    for path in ("", "/slack", "/done", "/progress"):
        assert (await admin.get(f"/start/{OTHER_ACCOUNT}{path}"))[0] == 404
    for path in ("", "/look"):
        assert (await admin.post(f"/start/{OTHER_ACCOUNT}{path}", role_arn=ROLE))[0] == 404


async def test_an_account_that_the_plan_does_not_cover_is_not_said_to_be_watched(free_house: House) -> None:
    store, ours = free_house.store, "111122223333"
    paused = {"$set": {"paused_at": free_house.now}}
    await store._database.accounts.update_one({"account_id": ours}, paused)  # noqa: SLF001 - only a downgrade does it
    admin = await free_house.enter()
    assert "not covered by the plan" in (await admin.get("/start"))[1]
    assert "so it is not watched" in (await admin.get(f"/start/{ours}/done"))[1]


async def test_a_role_is_not_tried_without_end(free_house: House) -> None:
    admin = await free_house.enter()
    await admin.post("/start", account_id=NEW)
    answers = await asyncio.gather(*(admin.post(f"/start/{NEW}/look") for _ in range(60)))
    said = [json.loads(text)["said"] for _, text, _ in answers]
    assert {"not there yet" in one for one in said} == {"tried very often" not in one for one in said} == {True, False}


async def test_beyond_the_plan_there_is_a_way_to_pay(paid_house: House) -> None:
    status, page, _ = await (await paid_house.enter()).post("/start", account_id=NEW)
    assert status == 403
    assert 'href="/billing/checkout"' in page
    assert len(await paid_house.store.accounts.find_accounts(TENANT)) == 1


async def test_whoever_took_the_only_place_for_a_wrong_number_gives_it_back(paid_house: House) -> None:
    """On the pages alone: Slack is not there yet."""
    admin = await paid_house.enter()
    [there] = await paid_house.store.accounts.find_accounts(TENANT)
    address = f"/start/{there.account_id}/disconnect"
    assert (await admin.post("/start", account_id=NEW))[0] == 403
    assert address in (await admin.get("/start"))[1]
    assert f"Disconnect {there.name}?" in (await admin.get(address))[1]
    assert await paid_house.store.accounts.find_accounts(TENANT) == [there], "only asked"

    status, _, headers = await admin.post(address)
    assert (status, headers["Location"]) == (303, "/start")
    page = (await admin.get("/start"))[1]
    assert "its data is being deleted" in page
    assert address not in page
    assert (await admin.post("/start", account_id=NEW))[0] == 303
    assert (await admin.get("/start/000000000000/disconnect"))[0] == 404


@pytest.mark.parametrize("before", [AccountStatus.PENDING, AccountStatus.LEARNING, AccountStatus.ACTIVE])
async def test_what_the_plan_covers_no_more_is_not_connected(paid_house: House, before: AccountStatus) -> None:
    """It waited for its role, or was watched, when the tenant went back to Free."""
    waiting = account(NEW, status=before, paused_at=paid_house.now)
    await paid_house.store.accounts.insert_account(TENANT, waiting)
    admin = await paid_house.enter()
    status, page, _ = await admin.post(f"/start/{NEW}", role_arn=ROLE)
    assert (status, 'href="/billing/checkout"' in page) == (403, True)
    assert "Upgrade to Pro" in json.loads((await admin.post(f"/start/{NEW}/look"))[1])["said"]


async def test_the_api_names_the_page_that_leads_to_paying(paid_house: House) -> None:
    admin = await paid_house.enter()
    headers = {"Cookie": f"{admin.cookie_name}={admin.cookie}", "X-CSRF-Token": admin.csrf}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(paid_house.url + "/v1/accounts/setup", json={"account_id": NEW}) as answer,
    ):
        problem = await answer.json(content_type="application/problem+json")
    assert (answer.status, problem["status"]) == (403, 403)
    page = urlsplit(problem["upgrade_url"])
    assert f"{page.scheme}://{page.netloc}" == "http://127.0.0.1:8080"
    assert problem["upgrade_url"] in problem["hint"]
    assert (await admin.get(page.path))[0] == 303


async def test_who_comes_back_from_paying_has_pro_before_any_event_came(
    paid_house: House, stripe: StripeSimulator
) -> None:
    admin = await paid_house.enter()
    assert "Upgrade to Pro" in (await admin.get("/billing"))[1]
    status, _, headers = await admin.get("/billing/checkout")
    [session] = stripe.ledger.sessions.values()
    assert (status, headers["Location"]) == (303, session["url"])
    assert urlsplit(session["success_url"]).path == "/billing"
    stripe.ledger.pay(session["id"])

    status, _, headers = await admin.get("/billing/checkout")  # Impatient, and not to pay twice.
    assert (status, headers["Location"]) == (303, "/billing")
    assert len(stripe.ledger.sessions) == 1
    _, page, _ = await admin.get("/billing")
    assert "$19 a month for 1" in page
    status, _, headers = await admin.get("/billing/portal")
    assert (status, urlsplit(headers["Location"]).path) == (303, f"/portal/{session['customer']}")


async def test_without_an_answer_of_stripes_the_page_says_so(paid_house: House, stripe: StripeSimulator) -> None:
    admin = await paid_house.enter()
    await admin.get("/billing/checkout")
    await stripe.stop()
    assert "Stripe was not asked just now" in (await admin.get("/billing"))[1]
    assert (await admin.get("/billing/checkout"))[0] == 503


async def test_stripe_is_not_asked_without_end(paid_house: House) -> None:
    admin = await paid_house.enter()
    answers = [(await admin.get("/billing/checkout"))[0] for _ in range(25)]
    assert answers[0] == 303
    assert answers[-1] == 429
    assert (await admin.get("/billing"))[0] == 200


async def test_where_nobody_pays_there_is_nothing_to_pay(free_house: House) -> None:
    admin = await free_house.enter()
    assert "has no billing" in (await admin.get("/billing"))[1]
    status, page, _ = await admin.get("/billing/checkout")
    assert status == 422
    assert "no billing" in page
