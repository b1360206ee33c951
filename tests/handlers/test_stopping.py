"""What browsers see where no route takes a request, or one fails; and what every answer is sent with."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from handlers.web import answers, notices, stopping
from handlers.web.pages import Pages


@pytest.fixture
async def url() -> AsyncIterator[str]:
    app, pages = web.Application(), Pages()

    async def fail(_request: web.Request) -> web.Response:
        raise RuntimeError("secret place")

    notices.register(app, pages, retention_days=400, contact="help@costs.example")
    app.router.add_get("/broken", fail)
    answers.register(app, secure=True)
    stopping.register(app, pages)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def ask(address: str, method: str = "GET") -> tuple[aiohttp.ClientResponse, str]:
    async with aiohttp.ClientSession() as session, session.request(method, address) as answer:
        return answer, await answer.text()


async def test_an_unknown_address_has_a_page_with_ways_on(url: str) -> None:
    answer, text = await ask(f"{url}/nowhere/<b>")
    assert answer.status == 404
    assert "<h1>Not Found</h1>" in text
    assert 'href="/support"' in text
    assert "nowhere" not in text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_a_method_that_is_not_served_is_told_which_are(url: str) -> None:
    answer, text = await ask(url + notices.PRIVACY, "DELETE")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")
    assert "<h1>Method Not Allowed</h1>" in text


async def test_a_fault_of_ours_has_a_page_without_details(url: str, caplog: pytest.LogCaptureFixture) -> None:
    answer, text = await ask(f"{url}/broken")
    assert answer.status == 500
    assert "error in dd0c/cost" in text
    assert "secret" not in text
    assert "GET /broken failed" in caplog.text


async def test_what_the_api_does_not_serve_is_left_to_it(url: str) -> None:
    answer, text = await ask(f"{url}/v1/nowhere")
    assert (answer.status, "<h1>" in text) == (404, False)


@pytest.mark.parametrize("path", ["/privacy", "/nowhere", "/broken", "/v1/nowhere"])
async def test_every_answer_is_sent_with_what_keeps_browsers_safe(url: str, path: str) -> None:
    headers = (await ask(url + path))[0].headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert headers["Server"] == "dd0c"
