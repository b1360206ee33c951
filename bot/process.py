"""The running bot: database, web server, scheduler and workers in one process, started and stopped in order."""

import asyncio
import logging
from contextlib import AsyncExitStack
from types import TracebackType

from bot.bootstrap import build
from bot.listening import listen, serve_at
from bot.metrics import build_gauges, told
from bot.mongod import LocalMongod, MongodError
from bot.settings import Settings
from bot.slack_access import SlackAccess, build_access
from bot.socket_mode import open_socket
from bot.web import build_web
from bot.wiring.telemetry import build_telemetry
from bot.work_queue import look_at_queue
from clients.slack.connect import CALL_SECONDS, identify_workspace, slack_session
from engine.errors import InvalidSetting, Rejected
from handlers.slack.listeners import Listeners
from scheduler.in_flight import InFlight
from services.ports.watching import Tracer
from services.workspaces import Workspaces
from store.connect import Store, connect
from store.replica_set import ensure_primary

_log = logging.getLogger(__name__)
_CARD_GRACE_SECONDS = CALL_SECONDS + 1  # One call to Slack, and noting what came of it.
_CLICK_GRACE_SECONDS = 18.0
_WORK_GRACE_SECONDS = 5.0
_RESTART_PAUSE = 5.0


class Bot:
    """An async context manager: inside it the bot works, and ``url`` says where."""

    def __init__(self, settings: Settings, tracer: Tracer | None = None) -> None:
        """``tracer`` takes the place of what the settings say of traces."""
        self._settings = settings
        self._telemetry = build_telemetry(settings, emf=settings.emf, tracer=tracer)
        self._stack = AsyncExitStack()
        self.url = ""

    async def __aenter__(self) -> "Bot":
        """Start everything, or stop what was started and raise.

        Raises InvalidSetting for a taken port and a refused token, MongodError for a mongod of its own that does not
        start, UpstreamError when Slack or the database does not answer.
        """
        async with self._stack:
            await self._start()
            self._stack = self._stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take no more requests, let work in progress finish for a while, close the rest."""
        await self._stack.aclose()

    async def _start(self) -> None:
        settings = self._settings
        listener = self._stack.enter_context(listen(settings.host, settings.port, "DD0C_HOST and DD0C_PORT"))
        telemetry = self._telemetry
        self._stack.push_async_callback(telemetry.close)
        store = await self._open_store()
        if not settings.is_billed and (resumed := await store.paying_tenants.resume_all()):
            _log.info("nobody pays here, so AWS accounts that a plan kept unwatched are watched again: %d", resumed)
        watched = slack_session(trace_configs=telemetry.slack_calls(settings.slack_api_url))
        session = await self._stack.enter_async_context(watched)
        access = build_access(settings, store, session)
        parts = build(settings, store, access, session, telemetry)
        if not settings.is_installable:
            await self._adopt_workspace(access, parts.workspaces)
        if parts.operator is not None:
            self._stack.push_async_callback(parts.operator.close)
            await look_at_queue(parts.operator)
        await self._stack.enter_async_context(told(telemetry.cloudwatch, build_gauges(settings, store, parts.operator)))
        if settings.workers_in_process:
            parts.queue.start(parts.handle)
        self._stack.push_async_callback(parts.queue.stop, _WORK_GRACE_SECONDS)
        parts.scheduler.start()
        self._stack.callback(parts.scheduler.shutdown, wait=False)
        self._stack.push_async_callback(_finish, parts.in_flight, parts.slack.listeners)
        self._stack.push_async_callback(parts.leadership.release)
        self._stack.callback(parts.sender.stop)
        self._stack.callback(parts.post_sender.stop)
        if parts.mail_sender is not None:
            self._stack.callback(parts.mail_sender.stop)
        self._stack.callback(parts.scheduler.pause)
        if parts.billing.stripe is not None:
            self._stack.push_async_callback(parts.billing.stripe.close)
        self.url = await serve_at(self._stack, build_web(settings, parts, store.ping), listener)
        _log.info("listening at %s", self.url)
        if app_token := settings.slack_app_token.get_secret_value():
            socket = await open_socket(parts.slack, access.client, app_token)
            self._stack.push_async_callback(socket.close_async)

    async def _adopt_workspace(self, access: SlackAccess, workspaces: Workspaces) -> None:
        settings = self._settings
        try:
            workspace = await identify_workspace(await access.client_for(""))
        except Rejected as error:
            raise InvalidSetting(
                f"SLACK_BOT_TOKEN was refused ({error.code}): copy it again from the app's page."
            ) from error
        await workspaces.adopt(
            team_id=workspace.team_id,
            team_name=workspace.team_name,
            alert_channel_id=settings.alert_channel,
            admin_user_id=settings.admin_user,
        )
        _log.info("serving workspace %s", workspace.team_name)

    async def _open_store(self) -> Store:
        settings = self._settings
        store = await connect(
            await self._mongodb_uri(),
            settings.database,
            retention_days=settings.retention_days,
            audit_keys=settings.signing_keys(),
            told=self._telemetry.mongodb_commands(),
        )
        self._stack.callback(store.close)
        if settings.mongodb_uri is None:
            # Nobody else has the bot's own mongod, so who held a lease there was killed before it could let go.
            await store.release_all()
        return store

    async def _mongodb_uri(self) -> str:
        """Where the database is; without one named, the bot's own: settings without either were refused."""
        settings = self._settings
        if settings.mongodb_uri is not None:
            return settings.mongodb_uri.get_secret_value()
        mongod = LocalMongod(settings.data_dir.expanduser() / "mongod", ensure_primary=ensure_primary)
        uri = await mongod.start()
        self._stack.push_async_callback(mongod.stop)
        watcher = asyncio.create_task(_keep_running(mongod))
        self._stack.callback(watcher.cancel)
        return uri


async def _finish(cards: InFlight, clicks: Listeners) -> None:
    """Let cards and clicks finish side by side: with requests before and work after them, all is over in 30 s."""
    await asyncio.gather(clicks.finish(_CLICK_GRACE_SECONDS), cards.finish(_CARD_GRACE_SECONDS))


async def _keep_running(mongod: LocalMongod) -> None:
    """Start the bot's own mongod again when it dies; it comes back on its port, and the open client finds it there."""
    while (how := await mongod.died()) is not None:
        _log.error("%s It is started again.", how)
        while True:
            try:
                await mongod.start()
                break
            except MongodError as error:
                _log.error("%s Trying again in %d seconds.", error, _RESTART_PAUSE)
                await asyncio.sleep(_RESTART_PAUSE)
