"""Nobody is led from our pages to an address that somebody else chose."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clients.identity.passwords import Argon2Passwords
from engine.models.account import Role
from engine.models.session import User
from handlers.web.viewing import local_path
from tests.handlers.site.house import House
from tests.security.asking import Caller
from tests.store.samples import TENANT

HOSTILE = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "https:evil.example",
    "//evil.example@acme.example",
    "/a\r\nLocation: https://evil.example",
    "http://[::1",
    "/\u2044evil.example",
)
NAME, PASSWORD = "maria", "a password of twelve"


def leads_away(path: str) -> bool:
    """Whether a browser leaves the host: by the URL standard it drops tabs and line ends, and takes a \\ for a /."""
    read = path.strip("".join(map(chr, range(0x21))))
    read = read.replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")
    return not read.startswith("/") or read.startswith("//")


PIECES = st.lists(
    st.sampled_from(["/", "\\", "\t", "\n", " ", ":", "@", ".", "evil", "https", "?", "#", "\x00", "\u2044"])
)


@given(st.text() | PIECES.map("".join))
@example("/\t/evil.example")
@example("/\\evil.example")
def test_a_way_on_stays_on_this_host(given: str) -> None:
    assert not leads_away(local_path(given))
    assert "\n" not in local_path(given)


@pytest.mark.parametrize("path", ["/", "/anomalies/1?x=2", "/start/111122223333#top"])
def test_our_own_pages_are_led_to(path: str) -> None:
    assert local_path(path) == path


async def test_who_signs_in_comes_to_our_own_pages_only(whole: House) -> None:
    """By every door that takes an address: the sign-in page, its form, and the way back from a provider."""
    caller = Caller(whole, await whole.enter(), "")
    await add_person(whole)
    for hostile in HOSTILE:
        query = f"?next={quote(hostile)}"
        _, _, page = await caller.ask("GET", "/sign-in" + query)
        assert "evil" not in page
        assert "javascript" not in page
        form = {"name": NAME, "password": "wrong", "next": hostile}
        _, _, page = await caller.ask("POST", "/sign-in", {"Sec-Fetch-Site": "same-origin"}, data=form)
        assert "evil" not in page


async def test_a_right_password_leads_to_our_own_pages_only(whole: House) -> None:
    caller = Caller(whole, await whole.enter(), "")
    await add_person(whole)
    for hostile in HOSTILE[:8]:
        form = {"name": NAME, "password": PASSWORD, "next": hostile}
        status, headers, _ = await caller.ask("POST", "/sign-in", data=form)
        assert (status, headers["Location"]) == (303, "/dashboard")


async def test_an_installation_leads_to_slack_and_back_here_only(whole: House) -> None:
    """Whatever the query says of where to go, Slack is told our address, and the browser Slack's."""
    caller = Caller(whole, await whole.enter(), "")
    for name in ("redirect_uri", "next", "return_to", "state", "team"):
        status, headers, _ = await caller.ask("GET", "/v1/slack/install?" + urlencode({name: "https://evil.example"}))
        assert status == 302
        away = urlsplit(headers["Location"])
        assert away.netloc == "127.0.0.1:9"  # Where the settings say that Slack is.
        assert parse_qs(away.query)["redirect_uri"] == ["https://costs.acme.example/v1/slack/oauth_redirect"]
        assert "evil" not in headers["Location"]


async def test_who_must_sign_in_first_comes_back_to_this_host(whole: House) -> None:
    """The path of the request itself is what a browser is sent back to, however it is written."""
    caller = Caller(whole, await whole.enter(), "")
    for path in ("/dashboard?x=//evil.example", "/anomalies//evil.example", "/start?next=https://evil.example"):
        status, headers, _ = await caller.ask("GET", path)
        if status == 303:
            [after] = parse_qs(urlsplit(headers["Location"]).query)["next"]
            assert headers["Location"].startswith("/sign-in?next=")
            assert not leads_away(after)


async def add_person(whole: House) -> None:
    """Somebody with a password."""
    user = User(
        user_id="u1",
        issuer="local",
        subject=NAME,
        name=NAME,
        role=Role.ADMIN,
        password_hash=Argon2Passwords().hash(PASSWORD),
        created_at=datetime.now(UTC),
    )
    await whole.store.users.save_user(TENANT, user)
