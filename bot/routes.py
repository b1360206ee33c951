"""Every route of ``dd0c serve``."""

from aiohttp import web

from bot.bootstrap import Parts
from handlers.web import (
    charts,
    health,
    ingest,
    sign_in,
    slack_install,
    slack_routes,
    stopping,
    strangers,
    stripe_webhook,
)
from handlers.web.api import app as api
from handlers.web.api import reference
from handlers.web.api.table import ROUTES
from handlers.web.health import Ping
from handlers.web.site import app as site
from handlers.web.stopping import Stops

_DOORS = sign_in.DOORS | {slack_install.INSTALL, slack_install.REDIRECT}


def add_routes(app: web.Application, parts: Parts, *, signing_secret: str, ping: Ping) -> None:
    """Add those that the settings allow for; without a secret of Slack's nothing of Slack's is listened to."""
    strangers.register(app, parts.sign_in.doorman, Stops(parts.pages), _DOORS)
    if signing_secret:
        slack_routes.register(app, parts.slack, signing_secret)
    if parts.install_flow is not None:
        slack_install.register(app, parts.install_flow, parts.pages, parts.sign_in.viewing)
    if parts.billing.stripe is not None and parts.billing.subscriptions is not None:
        stripe_webhook.register(app, parts.billing.stripe.events, parts.billing.subscriptions)
    sign_in.register(app, parts.sign_in)
    parts.newcomers.register(app)
    site.register(app, parts.site)
    ingest.register(app, parts.keys, parts.receiver)
    api.register(app, ROUTES, parts.api)
    reference.register(app, parts.pages)
    charts.register(app, parts.chart_pictures)
    health.register(app, ping)
    stopping.register(app, parts.pages)
