"""The whole web application of ``dd0c serve``: every route, and what every request and answer goes through."""

from aiohttp import web

from bot.bootstrap import Parts
from bot.identity import new_id
from bot.routes import add_routes
from bot.settings import Settings
from bot.wiring.telemetry import register_metrics
from handlers.web import answers, notices
from handlers.web.hanging_up import forgiven
from handlers.web.health import Ping
from handlers.web.metering import metered

_LARGEST_REQUEST = 1 << 20


def build_web(settings: Settings, parts: Parts, ping: Ping) -> web.Application:
    """Put it together; nothing listens yet."""
    telemetry = parts.telemetry
    app = web.Application(
        client_max_size=_LARGEST_REQUEST, middlewares=[metered(telemetry.meter, telemetry.tracer, new_id), forgiven]
    )
    add_routes(app, parts, signing_secret=settings.slack_signing_secret.get_secret_value(), ping=ping)
    register_metrics(app, telemetry, settings, parts.operator)
    answers.register(app, secure=settings.public_url.startswith("https://"))
    notices.register(app, parts.pages, retention_days=settings.retention_days, contact=settings.support)
    return app
