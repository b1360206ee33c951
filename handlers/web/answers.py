"""What every answer is sent with, whichever route gives it."""

from aiohttp import hdrs, web

_A_YEAR = "max-age=31536000"


def register(app: web.Application, *, secure: bool) -> None:
    """Complete the headers; with ``secure`` browsers are told to come over https only."""

    async def complete(_request: web.Request, answer: web.StreamResponse) -> None:
        # Which versions run here is nobody's business.
        answer.headers[hdrs.SERVER] = "dd0c"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        if secure:
            answer.headers["Strict-Transport-Security"] = _A_YEAR

    app.on_response_prepare.append(complete)
