"""The demo's story: connect an account, a quiet deploy, a leaked key, a typing slip, and what people answer."""

import asyncio
import re
from collections.abc import Callable

import msgspec

from demo.aws_account import world as aws_world
from demo.aws_account.records import Record
from demo.console import shown
from demo.slack_workspace.models import Message, User
from demo.stage import Stage, text_of
from demo.ticketing import connect_tracker, make_ticket

Tell = Callable[[str], None]

_CARD_SECONDS = 60.0
_CONNECT_SECONDS = 120.0
_QUIET_SECONDS = 5.0
_REPEAT_SECONDS = 2.0
_LOOK_SECONDS = 0.5
_RECORDS_READ = re.compile(r"[\d,]+ records? read")
_EXTERNAL_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class StoryError(Exception):
    """A step of the story did not happen; the text says which."""


def external_id_in(answer: str) -> str:
    """Read the external id off the answer to ``/dd0c connect``, as a person does."""
    found = _EXTERNAL_ID.search(answer)
    if found is None:
        raise StoryError(f"/dd0c connect shows no external id:\n{answer}")
    return found.group()


class Tally(msgspec.Struct):
    """What a whole story amounted to: cards posted, clicks sent, verdicts that the cards show."""

    cards: int = 0
    clicks: int = 0
    verdicts: int = 0


class Story:
    """Plays steps on a stage. Every step raises StoryError when what it is about did not happen."""

    def __init__(self, stage: Stage, tell: Tell) -> None:
        self._stage = stage
        self._tell = tell
        self.tally = Tally()

    async def connect(self) -> None:
        """Maria connects the AWS account, as any customer does: external id, role, history."""
        stage = self._stage
        answer = await stage.type(f"/dd0c connect {aws_world.ACCOUNT_ID}")
        stage.account.restore_role(external_id_in(answer))
        self._tell("Maria types /dd0c connect; the role gets the external id she was shown.")
        answer = await stage.type(f"/dd0c connect {stage.account.role_arn}")
        self._tell(f"The bot reads the history of {aws_world.ALIAS} ({len(stage.history)} records of ten weeks).")
        if "Connected" not in answer:
            raise StoryError(f"the account was not connected:\n{answer}")
        await self._wait_until_watched()

    async def _wait_until_watched(self) -> None:
        """Status says when the history is learned; only then does the story go on."""
        answer = ""
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                while ": watched" not in answer:
                    await asyncio.sleep(_LOOK_SECONDS)
                    answer = await self._stage.ask("/dd0c status")
        except TimeoutError:
            raise StoryError(f"the history was not learned in time:\n{answer}") from None
        self._tell("The history is learned: the account is watched from its first day on.")

    async def deploy(self) -> None:
        """The regular deploy of this weekday must stay silent."""
        self._tell("The regular weekly deploy starts its machines ...")
        await self._happen_silently(aws_world.normal_deploy(self._stage.now(), self._stage.history))
        self._tell("... and nobody is bothered.")

    async def leaked_key(self) -> tuple[Message, list[Record]]:
        """A stolen key starts GPU machines in Regions the account never uses: one card for all of it."""
        records = self._stage.happen(aws_world.leaked_key(self._stage.now()))
        self._tell("A leaked key starts GPU machines in Regions this account never uses ...")
        return await self._expect_card("backup-uploader"), records

    async def typo(self) -> tuple[Message, list[Record]]:
        """Maria types count=100."""
        records = self._stage.happen(aws_world.typo_count(self._stage.now()))
        self._tell(f"Maria means to start one {aws_world.TYPO_TYPE} and types {aws_world.TYPO_COUNT} ...")
        return await self._expect_card("maria@acme.example"), records

    async def mark_expected(self, card: Message) -> None:
        """Maria says that it was meant: the card is repainted with who said it, and nothing else is said."""
        stage = self._stage
        await self._click(stage.maria, card, "anomaly.mark_expected")
        await self._expect_verdict(lambda: is_expected(card), "the card was not repainted after a click")
        self._tell("Maria clicks Mark expected; the card says so.")
        if await stage.until(_once_more(stage, card), _REPEAT_SECONDS):
            raise StoryError("something was said twice after Mark expected")

    async def same_again(self, card: Message) -> None:
        """The same launch once more stays silent now, unless *Mark expected* on ``card`` is taken back meanwhile."""
        self._tell("The same launch comes again ...")
        try:
            await self._happen_silently(aws_world.same_launch_again(self._stage.now()))
        except StoryError:
            if is_expected(card):
                raise
        if is_expected(card):
            self._tell("... and stays silent: the bot has learned.")
        else:
            self._tell(
                "... but Mark expected was taken back meanwhile: the bot has unlearned it, and may tell of it again."
            )

    async def snooze(self, card: Message) -> None:
        """Sam snoozes the stolen key's card while he looks into it, then takes that back."""
        stage = self._stage
        await self._click(stage.sam, card, "anomaly.snooze", "1h")
        await self._submit(stage.sam)
        await self._expect_verdict(lambda: "snoozed this" in text_of(card), "the card does not say who snoozed it")
        self._tell("Sam snoozes the other card for an hour; it says so, and until when.")
        await self._click(stage.sam, card, "anomaly.undo")
        await self._expect_verdict(lambda: "snoozed this" not in text_of(card), "undo did not bring the card back")
        self._tell("He takes it back with Undo.")

    async def ticket(self, card: Message) -> None:
        """Maria connects the tracker, and Sam makes a ticket of the stolen key's card."""
        await connect_tracker(self._stage)
        key = await make_ticket(self._stage, card)
        self.tally.clicks += 1
        self._tell(f"Sam makes a ticket of it; the card shows its key, {key}.")

    async def stop(self, card: Message, records: list[Record]) -> None:
        """The stolen machines are terminated: the card closes with what they burnt."""
        self._stage.happen(aws_world.stop(records, self._stage.now()))
        self._tell("Maria terminates the stolen machines ...")
        await self._expect(lambda: "Stopped after" in text_of(card), "the card was not closed after the stop")
        self._tell("... and the card closes with what was burnt and saved.")

    async def read_commands(self) -> None:
        """The commands answer with what happened."""
        listed = await self._stage.type("/dd0c anomalies")
        if "p3.8xlarge" not in listed and "g5.48xlarge" not in listed:
            raise StoryError(f"/dd0c anomalies does not list the stolen key's launch:\n{listed}")
        digest = await self._stage.show("/dd0c digest")
        if "Zombie watch" not in digest:
            raise StoryError(f"/dd0c digest does not watch idle resources:\n{digest}")
        unknown = await self._stage.type("/dd0c anomalis")
        if "/dd0c anomalies" not in unknown:
            raise StoryError(f"an unknown word does not point to the right one:\n{unknown}")
        self._tell("/dd0c anomalies and a mistyped word are answered, and /dd0c digest says:")
        self._tell(_indented(digest))

    async def read_costs(self) -> None:
        """What nobody uses and what AWS bills was looked at since the account is watched."""
        stage, idle = self._stage, ""
        try:
            async with asyncio.timeout(_CARD_SECONDS):
                while aws_world.IDLE_GATEWAY not in idle:
                    await asyncio.sleep(_LOOK_SECONDS)
                    idle = await stage.ask("/dd0c zombies")
        except TimeoutError:
            raise StoryError(f"/dd0c zombies does not list the idle NAT gateway:\n{idle}") from None
        spend = await stage.type("/dd0c spend")
        if "Amazon Simple Storage Service" not in spend or "NatGateway-Bytes" not in spend:
            raise StoryError(f"/dd0c spend does not tell what AWS bills and found:\n{spend}")
        self._tell("/dd0c spend tells what AWS bills and found itself, and /dd0c zombies what nobody uses:")
        self._tell(_indented(await stage.show("/dd0c zombies")))

    def check_cards(self, cards: list[Message]) -> None:
        """There is exactly one card for each incident, and no other."""
        found = [card.message_ts for card in self._stage.cards()]
        if sorted(found) != sorted(card.message_ts for card in cards):
            raise StoryError(f"{len(found)} cards instead of {len(cards)}")
        self.tally.cards = len(found)

    async def _click(self, user: User, card: Message, action_id: str, value: str | None = None) -> None:
        await self._stage.slack.click(user.user_id, card.channel_id, card.message_ts, action_id, value)
        self.tally.clicks += 1

    async def _submit(self, user: User) -> None:
        """Press the button of the form that a click opens."""
        slack = self._stage.slack
        await self._expect(lambda: slack.modal(user.user_id) is not None, "no form was opened after a click")
        form = slack.modal(user.user_id)
        if form is not None:
            await slack.submit_view(user.user_id, form.view_id)

    async def _expect_verdict(self, holds: Callable[[], bool], otherwise: str) -> None:
        await self._expect(holds, otherwise)
        self.tally.verdicts += 1

    async def _expect(self, holds: Callable[[], bool], otherwise: str) -> None:
        if not await self._stage.until(holds, _CARD_SECONDS):
            raise StoryError(otherwise)

    async def _expect_card(self, actor: str) -> Message:
        def of_actor() -> list[Message]:
            return [card for card in self._stage.cards() if actor in text_of(card)]

        started = asyncio.get_running_loop().time()
        await self._expect(lambda: bool(of_actor()), f"no card about {actor} came")
        seconds = asyncio.get_running_loop().time() - started
        card = of_actor()[0]
        self._tell(f"... and {seconds:.0f} s later a card is in Slack:\n{_indented(shown(card))}")
        return card

    async def _happen_silently(self, records: list[Record]) -> None:
        """Let records appear: the bot must read them, which its status shows, and must post no card."""
        stage = self._stage
        cards, read = len(stage.cards()), await self._records_read()
        read_now = read
        stage.happen(records)
        try:
            async with asyncio.timeout(_CARD_SECONDS):
                while read_now == read:
                    await asyncio.sleep(_LOOK_SECONDS)
                    read_now = await self._records_read()
        except TimeoutError:
            raise StoryError("the records were not read in time") from None
        if await stage.until(lambda: len(stage.cards()) > cards, _QUIET_SECONDS):
            raise StoryError(f"a card came where none should:\n{shown(stage.cards()[-1])}")

    async def _records_read(self) -> str:
        status = await self._stage.ask("/dd0c status")
        found = _RECORDS_READ.search(status)
        if found is None:
            raise StoryError(f"/dd0c status does not say how many records were read:\n{status}")
        return found.group()


def is_expected(card: Message) -> bool:
    """Whether somebody marked it expected and nobody took that back."""
    return "marked this expected" in text_of(card)


def _once_more(stage: Stage, card: Message) -> Callable[[], bool]:
    """Tell whether anything is posted or repainted from now on."""
    edits, posts = len(card.history), len(stage.slack.calls_to("chat.postMessage"))
    return lambda: (len(card.history), len(stage.slack.calls_to("chat.postMessage"))) != (edits, posts)


async def play(stage: Stage, tell: Tell) -> Tally:
    """Play everything with scripted clicks. Raises StoryError at the first step that did not happen."""
    story = Story(stage, tell)
    await story.connect()
    await story.deploy()
    stolen, launches = await story.leaked_key()
    slip, _ = await story.typo()
    await story.mark_expected(slip)
    await story.same_again(slip)
    await story.snooze(stolen)
    await story.ticket(stolen)
    await story.stop(stolen, launches)
    await story.read_costs()
    await story.read_commands()
    story.check_cards([stolen, slip])
    return story.tally


def _indented(text: str) -> str:
    return "\n".join(f"    | {line}" for line in text.splitlines())
