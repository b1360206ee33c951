"""What every answer is sent with, whichever route gives it."""

from aiohttp import hdrs, web

_A_YEAR = "max-age=31536000"
# Pages say more exactly what they need; whatever is no page needs nothing, even if a browser takes it for one.
_UNLESS_SAID = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def register(app: web.Application, *, secure: bool) -> None:
    """Complete the headers; with ``secure`` browsers are told to come over https only."""

    async def complete(_request: web.Request, answer: web.StreamResponse) -> None:
        # Which versions run here is nobody's business.
        answer.headers[hdrs.SERVER] = "dd0c"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        for name, value in _UNLESS_SAID.items():
            answer.headers.setdefault(name, value)
        if secure:
            answer.headers["Strict-Transport-Security"] = _A_YEAR

    app.on_response_prepare.append(complete)
