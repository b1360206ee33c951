"""``/v1/charts/...``: pictures for digests where Slack draws no chart itself."""

from aiohttp import web

from engine.errors import NotFound, UpstreamError
from services.chart_pictures import ChartPictures

PATH = "/v1/charts"
_HEADERS = {
    "Cache-Control": "public, max-age=86400, immutable",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


def register(app: web.Application, pictures: ChartPictures) -> None:
    """Add the route. Whoever has the address may look, for Slack fetches pictures without saying who it is."""

    async def handle_chart(request: web.Request) -> web.Response:
        try:
            png = await pictures.find(request.match_info["token"])
        except NotFound as error:
            raise web.HTTPNotFound(text=str(error)) from None
        except UpstreamError:
            raise web.HTTPServiceUnavailable(text="Our database does not answer. Try again in a minute.") from None
        return web.Response(body=png, content_type="image/png", headers=_HEADERS)

    app.router.add_get(PATH + "/{token}", handle_chart)
