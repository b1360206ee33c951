"""From the landing page to a paying customer and away again, in a real browser: all of it on this machine."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright, expect

from demo.aws_account import world as aws_world
from demo.slack_workspace.models import Message
from demo.stage import REGIONS, Stage, text_of
from demo.story import external_id_in
from tests.browser.test_slack_page import ARGUMENTS, CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine's PATH"),
]

PATIENCE_MS = 60_000
SECOND = "444455556666"
WATCHING = r"Watching \d+ Regions, last record [^.]* ago\.(?! Its last 90 days)"


@asynccontextmanager
async def open_browser() -> AsyncIterator[Page]:
    """A browser in which a script error, or anything that the pages' policy forbids, fails the test."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1100, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None)
        yield page
        await browser.close()
    assert troubles == []


class Newcomer:
    """Maria, who saw the landing page."""

    def __init__(self, stage: Stage, page: Page) -> None:
        self.stage = stage
        self.page = page

    async def go(self, path: str) -> None:
        await self.page.goto(self.stage.url + path)

    async def click(self, name: str) -> None:
        await (
            self.page.get_by_role("link", name=name, exact=True)
            .or_(self.page.get_by_role("button", name=name, exact=True))
            .first.click()
        )

    async def sees(self, *texts: str) -> None:
        """Read these (regular expressions) on a page that everybody can use."""
        for text in texts:
            await expect(self.page.locator("main")).to_contain_text(re.compile(text), timeout=PATIENCE_MS)
        await self.page.wait_for_load_state()  # A text may be there before the rest of its page is.
        found = await Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()

    async def sign_in(self) -> None:
        await self.click("Sign in with Slack")
        await self.page.select_option("select[name=person]", label=self.stage.maria.real_name)
        await self.click("Sign in")

    async def name_account(self, account_id: str) -> None:
        await self.page.fill("#account_id", account_id)
        await self.click("Go on")

    async def external_id(self) -> str:
        return external_id_in(await self.page.locator("main").inner_text())

    async def told(self, words: str) -> Message:
        """Wait for a message of the bot's anywhere in Slack."""
        slack = self.stage.slack

        def find() -> list[Message]:
            return [one for one in chain(*slack.state.timelines.values()) if words in text_of(one)]

        assert await self.stage.until(lambda: bool(find()), PATIENCE_MS / 1000), words
        return find()[-1]

    async def alerted(self) -> list[Message]:
        """A stolen key starts machines; gives the cards that tell of it."""
        self.stage.happen(aws_world.leaked_key(self.stage.now()))
        assert await self.stage.until(lambda: bool(self.stage.cards()), PATIENCE_MS / 1000)
        return self.stage.cards()

    async def connect_second(self) -> None:
        """Connect another account by a role with a name of its own."""
        await self.go("/start")
        await self.name_account(SECOND)
        await self.page.get_by_text("The role has another name").click()
        other = self.stage.aws.add_account(SECOND, REGIONS, "cost-reader", await self.external_id(), "acme-lab")
        await self.page.fill("#role_arn", other.role_arn)
        await self.click("Try this role")
        await self.sees("Slack is connected")
        await self.click("Go on")
        await self.sees("acme-lab is connected", r"Watching \d+ Regions")

    async def without(self, account_id: str) -> None:
        """Wait until nothing is known of an account any more."""
        async with asyncio.timeout(PATIENCE_MS / 1000):
            await self.go("/start")
            while account_id in await self.page.locator("main").inner_text():
                await self.go("/start")


async def test_from_the_landing_page_to_a_paying_customer_and_away_again() -> None:
    async with Stage(installable=True) as stage, open_browser() as page:
        maria = Newcomer(stage, page)
        await maria.go("/")
        await maria.sees("Know of expensive AWS mistakes", re.escape("$19"))
        await maria.click("Start free")
        await maria.sign_in()

        await maria.name_account("12345")
        await maria.sees("has 12 digits")
        await maria.name_account(aws_world.ACCOUNT_ID)
        await maria.click("The role is there")
        await maria.sees("This role does not work yet")
        stage.account.restore_role(await maria.external_id())
        await page.wait_for_url("**/slack")  # The page noticed by itself.

        await maria.click("Add to Slack")
        await page.select_option("select[name=user]", label=stage.maria.real_name)
        await page.select_option("select[name=channel]", label=f"#{stage.channel.name}")
        await maria.click("Allow")
        await maria.sees("is installed in acme")
        await maria.click("Back to the setup")
        await maria.click(f"{aws_world.ALIAS} ({aws_world.ACCOUNT_ID})")
        await maria.sees(WATCHING)

        [card] = await maria.alerted()
        await maria.click("To the dashboard")
        await maria.sees("g5.48xlarge", aws_world.ALIAS)
        assert "backup-uploader" in text_of(card)

        await maria.go("/start")
        await maria.name_account(SECOND)
        await maria.sees("Your plan covers no further account")
        await maria.click("Upgrade to Pro")
        await maria.click("Pay with a made-up card")
        await maria.sees("Your plan", "Pro", re.escape("$19 a month"))
        await maria.told("This is Pro now")

        await maria.connect_second()
        await maria.go("/billing")
        await maria.sees("2 AWS accounts")

        await maria.click("Bills, card, cancelling")
        await maria.click("Cancel at once")
        await maria.click("Back to dd0c/cost")
        await maria.sees("Free", "All 2 AWS accounts are watched until")
        await maria.told("All are watched until")

        answer = await stage.type(f"/dd0c disconnect {SECOND} {SECOND}")
        assert "being deleted" in answer or "Disconnected" in answer, answer
        await maria.without(SECOND)
