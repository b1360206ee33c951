"""What is sent to a form and is none is the sender's fault, and told so."""

import logging

import aiohttp
import pytest

from tests.handlers.site.house import House

ODD = (
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=b", b"--b\r\nbroken"),
    ("application/x-www-form-urlencoded; charset=klingon", b"name=x"),
    ("application/x-www-form-urlencoded", b"name=\xff"),
)


@pytest.mark.parametrize(("kind", "body"), ODD)
async def test_no_form_takes_what_cannot_be_read(
    house: House, kind: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    maria = await house.enter()
    headers = {"Cookie": f"{maria.cookie_name}={maria.cookie}", "Content-Type": kind}
    forms = [path for method, path in house.routes if method == "POST" and not path.startswith("/v1/")]
    assert {"/sign-in", "/start", "/sign-out"} < set(forms)
    async with aiohttp.ClientSession(headers=headers) as session:
        for path in forms:
            address = house.url + path.format(account_id="111122223333", anomaly_id="a-1")
            async with session.post(address, data=body, allow_redirects=False) as answer:
                assert (answer.status, "cannot be read" in await answer.text()) == (400, True), path
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
