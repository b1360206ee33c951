"""The page that a newcomer sees first: what this is, what it looks like, what it costs, and how to begin."""

import msgspec
from aiohttp import web

from engine.entitlements import FREE_ACCOUNTS, PRO_USD_A_MONTH
from handlers.web.pages import Pages
from handlers.web.slack_install import INSTALL

LANDING = "/"
_START = "/start"


class Offer(msgspec.Struct, frozen=True):
    """What this installation has to offer: whether any workspace may add the app, and whether anybody pays."""

    installable: bool
    billed: bool


def register(app: web.Application, pages: Pages, offer: Offer) -> None:
    """Add the page; it is drawn once, for nothing in it depends on who asks."""
    html = pages.render(
        "landing",
        start_url=_START,
        install_url=INSTALL if offer.installable else "",
        billed=offer.billed,
        free_accounts=FREE_ACCOUNTS,
        price=PRO_USD_A_MONTH,
    )

    async def handle_landing(_request: web.Request) -> web.Response:
        return web.Response(text=html, headers=pages.headers)

    app.router.add_get(LANDING, handle_landing)
