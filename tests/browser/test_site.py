"""Every page in a real browser, light and dark: nothing that axe-core objects to, all in reach of the keyboard."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, Route, async_playwright

from engine.models.account import AccountStatus, Role
from engine.models.anomaly import AnomalyStatus, Severity
from engine.models.caution import Caution, CautionKind
from engine.models.cost_event import Actor, ActorKind
from store.connect import Store
from tests.browser.test_slack_page import ARGUMENTS, CHROMIUM
from tests.fixtures.memory import memory_database
from tests.handlers.site.house import HOSTILE, House, opened
from tests.store.conftest import RETENTION_DAYS
from tests.store.samples import TENANT, account, api_key

PAGES = (
    "/dashboard",
    "/anomalies",
    "/anomalies?severity=critical&status=snoozed",
    "/anomalies/a-1",
    "/anomalies/a-2",
    "/anomalies/unheard-of",
    "/settings",
    "/settings?done=digest",
    "/",
    "/sign-in",
    "/start",
    "/billing",
    "/v1/reference",
)
COLOURS: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CONTRAST = "color-contrast"
# Contrast is worked out for one text of each look, that is of its own and all its surroundings' colours: the same again
# and again takes axe-core most of a minute on the API's reference.
_MARK_ONE_OF_EACH_LOOK = """() => {
    const looks = new Map(), known = new Set();
    for (const element of document.querySelectorAll("html, html *")) {
        const drawn = getComputedStyle(element);
        const own = [drawn.color, drawn.backgroundColor, drawn.backgroundImage, drawn.opacity, drawn.fontSize,
            drawn.fontWeight, drawn.textShadow, drawn.position, drawn.visibility, drawn.display].join();
        const look = `${looks.get(element.parentElement)}>${own}`;
        looks.set(element, look);
        const has_text = [...element.childNodes].some(one => one.nodeType === Node.TEXT_NODE && one.data.trim());
        element.toggleAttribute("data-looked-at", (has_text || element.matches("input, select")) && !known.has(look));
        if (has_text || element.matches("input, select")) known.add(look);
    }
}"""
_FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, [tabindex='0']"
_MOST_STOPS = 200
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine's PATH"),
]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    store = Store(memory_database(), transactions=False, retention_days=RETENTION_DAYS)
    async with opened(store, DD0C_AWS_PRINCIPAL_ARN="arn:aws:iam::999988887777:root") as running:
        await running.put(
            "a-1",
            severity=Severity.CRITICAL,
            actor=Actor("arn:aws:iam::111122223333:role/ci", ActorKind.AUTOMATION, HOSTILE + "x" * 300),
            cautions=(Caution(CautionKind.STACK, "web"),),
        )
        await running.put("a-2", status=AnomalyStatus.ACKNOWLEDGED, status_by="U1", status_at=running.now)
        await store.pauses.pause(TENANT, "U1", running.now - timedelta(hours=2), None)
        await store.api_keys.insert_key(api_key("0a1b2c3d"), "U1")
        yield running


@pytest.fixture
async def context(house: House) -> AsyncIterator[BrowserContext]:
    """Maria's browser."""
    maria = await house.enter(Role.ADMIN)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        opened_context = await chromium.new_context(viewport={"width": 900, "height": 900})
        await opened_context.add_cookies([{"name": "dd0c_session", "value": maria.cookie, "url": house.url}])
        yield opened_context
        await chromium.close()


async def test_no_page_has_anything_that_axe_objects_to(house: House, context: BrowserContext) -> None:
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{page.url} {message.text}"))
    found = {}
    for path in PAGES:
        await page.goto(house.url + path)
        found[path] = await violations(page, options={"rules": {CONTRAST: {"enabled": False}}})
        for colours in COLOURS:
            await page.emulate_media(color_scheme=colours)
            await page.evaluate(_MARK_ONE_OF_EACH_LOOK)
            marked = {"include": [["[data-looked-at]"]]}
            found[f"{path} {colours}"] = await violations(page, marked, {"runOnly": [CONTRAST]})
    assert {where: what for where, what in found.items() if what} == {}
    # What the policy stops is told in the console; the page of what is not there is a 404, which is told there too.
    assert [one for one in complaints if "404" not in one] == []


async def violations(page: Page, context: Any = None, options: Any = None) -> list[tuple[str, str]]:
    """Rule and element of everything that axe-core objects to."""
    results = await Axe().run(page, context, {"resultTypes": ["violations"], **options})
    return [(one["id"], node["html"][:200]) for one in results.response["violations"] for node in one["nodes"]]


async def test_the_contrast_of_every_look_is_worked_out(house: House, context: BrowserContext) -> None:
    """Texts that only their surroundings make unreadable are found, wherever they stand."""
    page = await context.new_page()
    await page.goto(house.url + "/settings")
    for spoiled in (
        "h1 { color: #bbb }",
        "main { background: #555 !important }",
        "label { opacity: 0.3 }",
    ):
        await page.evaluate(
            "text => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text);"
            " document.adoptedStyleSheets = [sheet]; }",
            spoiled,
        )
        await page.evaluate(_MARK_ONE_OF_EACH_LOOK)
        found = await violations(page, {"include": [["[data-looked-at]"]]}, {"runOnly": [CONTRAST]})
        assert {rule for rule, _ in found} == {CONTRAST}, spoiled


async def test_every_page_is_walked_through_by_the_keyboard(house: House, context: BrowserContext) -> None:
    page = await context.new_page()
    for path in ("/dashboard", "/anomalies", "/anomalies/a-1", "/settings"):
        await page.goto(house.url + path)
        wanted = await page.evaluate(f'document.querySelectorAll("{_FOCUSABLE}").length')
        assert await stops(page) == wanted, path
        await page.goto(house.url + path)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")  # Over the navigation, by the first link.
        assert await page.evaluate("document.activeElement.id") == "content"


async def stops(page: Page) -> int:
    """How many different things Tab comes to before it leaves the page, each of them with a ring around it."""
    await page.evaluate("window.seen = new Set()")
    for _ in range(_MOST_STOPS):
        await page.keyboard.press("Tab")
        has_left = await page.evaluate(
            "() => { const at = document.activeElement;"
            " if (getComputedStyle(at).outlineStyle !== 'none') seen.add(at); return at === document.body; }"
        )
        if has_left:
            break
    count: int = await page.evaluate(f'[...seen].filter(one => one.matches("{_FOCUSABLE}")).length')
    return count


async def test_a_narrow_screen_needs_no_sideways_scrolling(house: House, context: BrowserContext) -> None:
    page = await context.new_page()
    await page.set_viewport_size({"width": 320, "height": 700})
    for path in PAGES:
        await page.goto(house.url + path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320, path


async def test_a_page_that_cannot_look_any_more_asks_for_the_role_by_hand(
    house: House, context: BrowserContext
) -> None:
    """The setup follows the role by itself; where its questions are not answered, a field takes what it waits for."""
    new = "777788889999"
    role = f"arn:aws:iam::{new}:role/dd0c-cost-readonly"
    waiting = account(new, status=AccountStatus.PENDING, role_arn="")
    await house.store.accounts.insert_account(TENANT, waiting)
    page = await context.new_page()
    asked: list[str] = []

    async def lose(route: Route) -> None:
        asked.append(route.request.method)
        await route.abort()

    await page.route("**/look", lose)
    await page.clock.install()
    await page.goto(f"{house.url}/start/{new}")
    assert not await page.get_by_label("The role's ARN").is_visible()
    for _ in range(5):
        async with page.expect_event("requestfailed"):
            await page.clock.run_for(4000)
    await page.get_by_text("This page has stopped looking").wait_for()
    assert await page.get_by_label("The role's ARN").input_value() == role
    await page.clock.run_for(60_000)
    assert asked == ["POST"] * 5


async def test_an_account_is_named_and_an_answer_given_without_scripts(house: House, context: BrowserContext) -> None:
    assert context.browser is not None
    plain = await context.browser.new_context(java_script_enabled=False, storage_state=await context.storage_state())
    page = await plain.new_page()
    await page.goto(house.url + "/start")
    await page.get_by_label("The account's 12 digits").fill("777788889999")
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_role("heading", name="Let dd0c/cost read account 777788889999").wait_for()
    await page.goto(house.url + "/anomalies/a-1")
    await page.get_by_role("button", name="I am on it").click()
    await page.get_by_text("Recorded").wait_for()
    await page.get_by_role("button", name="Undo").click()
    await page.get_by_role("button", name="Mark expected").wait_for()
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/sign-in")
