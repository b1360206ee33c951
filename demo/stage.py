"""Everything the demo needs on one machine: a Slack workspace, an AWS account, a Stripe, and the bot between them."""

import asyncio
import base64
import os
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.identity import utc_now
from bot.process import Bot
from bot.settings import GivenSettings, Settings
from clients.slack.notifier import METADATA_TYPE
from demo.aws_account import AwsAccount, AwsSimulator
from demo.aws_account import world as aws_world
from demo.aws_account.records import Record
from demo.console import shown
from demo.folders import demo_folder
from demo.slack_workspace import SlackWorkspace
from demo.slack_workspace.interactions import Interaction
from demo.slack_workspace.models import Message
from demo.stripe_account import StripeSimulator
from demo.surroundings import clean_environment
from demo.tracker import TrackerSimulator
from engine.errors import InvalidSetting
from handlers.web.stripe_webhook import PATH as STRIPE_WEBHOOK
from services.ports.watching import Tracer

CHANNEL = "aws-costs"
POLL_SECONDS = 2.0
HOST = "127.0.0.1"
_KEY_BYTES = 32
REGIONS = (*aws_world.HOME_REGIONS, *(region for region, _, _ in aws_world.STOLEN_LAUNCHES))


class Stage:
    """An async context manager. The bot meets the simulators only through the addresses in its settings.

    Without ``with_bot`` the stage is set for a bot that somebody else runs with ``environment`` and connects to
    ``slack``. An ``installable`` bot has no workspace yet: somebody must add the app on its pages. ``clock`` tells when
    the account's ten weeks of history end. ``tracer`` takes the bot's spans. The database is in a folder of its own
    below ``data_dir``, or where this machine keeps temporary files.
    """

    def __init__(
        self,
        *,
        slack_port: int = 0,
        data_dir: Path | None = None,
        with_bot: bool = True,
        installable: bool = False,
        clock: Callable[[], datetime] = utc_now,
        tracer: Tracer | None = None,
    ) -> None:
        self.now = clock
        self._with_bot = with_bot
        self._installable = installable
        self._tracer = tracer
        self.slack = SlackWorkspace(port=slack_port, team_name="acme")
        self.slack.grant_history()  # As manifest.yml asks for it: a card in doubt is found, not posted again.
        self.aws = AwsSimulator()
        self.stripe = StripeSimulator()
        self.tracker = TrackerSimulator(clock)
        self.tracker.on_made = self.slack.link_to
        self._port = _free_port()
        self._encryption_keys = f"v1:{base64.b64encode(os.urandom(_KEY_BYTES)).decode()}"
        self._data_dir = data_dir
        self._stack = AsyncExitStack()
        self.maria = self.slack.add_user("maria", real_name="Maria Lopez", email="maria@acme.example", is_admin=True)
        self.sam = self.slack.add_user("sam", real_name="Sam Okafor", email="sam@acme.example")
        self.channel = self.slack.add_channel(CHANNEL)
        self.history = aws_world.history(self.now())
        self.account = self._open_account()

    def _open_account(self) -> AwsAccount:
        account = self.aws.add_account(aws_world.ACCOUNT_ID, REGIONS, alias=aws_world.ALIAS)
        for record in self.history:
            account.record(record)
        aws_world.furnish(account, self.history, self.now())
        return account

    async def __aenter__(self) -> Self:
        async with self._stack:
            self._stack.enter_context(clean_environment())
            await self._stack.enter_async_context(self.slack)
            await self.aws.start()
            self._stack.push_async_callback(self.aws.stop)
            await self.stripe.start()
            self._stack.push_async_callback(self.stripe.stop)
            await self.tracker.start()
            self._stack.push_async_callback(self.tracker.stop)
            if self._with_bot:
                await self._start_bot()
            self._stack = self._stack.pop_all()
        return self

    async def _start_bot(self) -> None:
        bot = await self._stack.enter_async_context(Bot(self.settings(self._new_folder()), self._tracer))
        self.slack.connect_app(bot.url)
        self.stripe.webhook_url = bot.url + STRIPE_WEBHOOK

    def _new_folder(self) -> Path:
        """Make the folder of this run's database, which goes with it: AWS and Slack begin anew each time, too."""
        try:
            return self._stack.enter_context(demo_folder(self._data_dir))
        except OSError as error:
            raise InvalidSetting(
                f"DD0C_DATA_DIR: {self._data_dir} cannot hold a database ({error.strerror}). Choose another directory."
            ) from error

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def settings(self, data_dir: Path) -> Settings:
        """What an operator would set, with every base URL pointing at this machine.

        What somebody set here for a real bot stays out of it: its database must never see the demo's records.
        """
        return GivenSettings.model_validate(self.environment(data_dir))

    def environment(self, data_dir: Path) -> dict[str, str]:
        """The same as environment variables."""
        return {
            **self.aws.environment(),
            **self.stripe.environment(),
            **self._workspace(),
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "SLACK_CLIENT_ID": self.slack.oauth.client_id,
            "SLACK_CLIENT_SECRET": self.slack.oauth.client_secret,
            "SLACK_API_URL": self.slack.api_url,
            "DD0C_LOCAL_MONGOD": "1",
            "DD0C_DATA_DIR": str(data_dir),
            "DD0C_PORT": str(self._port),
            "DD0C_URL": self.url,
            "DD0C_POLL_SECONDS": str(POLL_SECONDS),
            # Seals the token that comes when somebody adds the app, and those of ticket systems.
            "DD0C_ENCRYPTION_KEYS": self._encryption_keys,
            "DD0C_TICKETS_LOCAL": "1",  # The tracker is on this machine, as a visitor's own may be.
        }

    def _workspace(self) -> dict[str, str]:
        """The one workspace there is, or nothing: then somebody adds the app."""
        if self._installable:
            return {}
        return {"SLACK_BOT_TOKEN": self.slack.bot_token, "DD0C_ALERT_CHANNEL": self.channel.channel_id}

    @property
    def url(self) -> str:
        """Where the bot's own pages are."""
        return f"http://{HOST}:{self._port}"

    def happen(self, records: list[Record]) -> list[Record]:
        """Let records appear in the account's CloudTrail, and give them back."""
        for record in records:
            self.account.record(record)
        return records

    async def type(self, line: str) -> str:
        """Let Maria type a slash command; gives all that the answer says."""
        return text_of((await self._answered(line)).posts[-1])

    async def ask(self, line: str) -> str:
        """Type a slash command and dismiss its answer once it is read, so that the channel stays clear.

        What a visitor is answered at the same time stays.
        """
        interaction = await self._answered(line)
        if interaction.response_url is not None and interaction.response_url.original is not None:
            self.slack.dismiss(interaction.response_url.original)
        return text_of(interaction.posts[-1])

    async def show(self, line: str) -> str:
        """Type a slash command; gives the answer as a person reads it."""
        return shown((await self._answered(line)).posts[-1])

    async def _answered(self, line: str) -> Interaction:
        interaction = await self.slack.run_command(self.maria.user_id, self.channel.channel_id, line)
        await interaction.wait_for_posts()
        return interaction

    def cards(self) -> list[Message]:
        """The anomaly cards in the channel, oldest first."""
        return [message for message in self.slack.messages(self.channel.channel_id) if _is_card(message)]

    async def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until a condition over the workspace holds; False when it does not in time."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    await self.slack.wait_for_change(self.slack.state.revision)
        except TimeoutError:
            return holds()
        return True


def _free_port() -> int:
    """A port for the bot, known before it runs: identity and payment providers lead back to it."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port


def _is_card(message: Message) -> bool:
    return (message.metadata or {}).get("event_type") == METADATA_TYPE


def text_of(part: Any) -> str:
    """All the words in a message, block or payload, in order."""
    if isinstance(part, str):
        return part
    if isinstance(part, Message):
        return text_of(part.blocks) or part.text
    if isinstance(part, dict):
        return "\n".join(
            filter(None, (text_of(part[key]) for key in ("text", "fields", "elements", "blocks") if key in part))
        )
    if isinstance(part, list):
        return "\n".join(filter(None, map(text_of, part)))
    return ""
