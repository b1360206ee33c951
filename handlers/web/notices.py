"""What anybody may read about this bot: how it treats data, and where help is."""

from aiohttp import web

from handlers.web.pages import Pages

PRIVACY = "/privacy"
SUPPORT = "/support"


def register(app: web.Application, pages: Pages, *, retention_days: int, contact: str) -> None:
    """Add both pages; they are drawn once, for nothing in them depends on who asks."""
    privacy = pages.render("privacy", retention_days=retention_days, support_url=SUPPORT)
    support = pages.render("support", contact=contact, privacy_url=PRIVACY)

    async def handle_privacy(_request: web.Request) -> web.Response:
        return web.Response(text=privacy, headers=pages.headers)

    async def handle_support(_request: web.Request) -> web.Response:
        return web.Response(text=support, headers=pages.headers)

    app.router.add_get(PRIVACY, handle_privacy)
    app.router.add_get(SUPPORT, handle_support)
