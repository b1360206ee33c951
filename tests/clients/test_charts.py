"""Pictures of charts and their addresses."""

import asyncio
import base64
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from clients.charts.addresses import SignedAddresses
from clients.charts.drawing import KEPT, Drawing
from clients.charts.picture import HEIGHT, WIDTH, draw_bars
from engine.errors import NotFound
from engine.models.chart import Bar, Chart

UNTIL = datetime(2026, 4, 1, tzinfo=UTC)
WEEK = Chart(
    title="Burnt by anomalies",
    by="day",
    bars=tuple(Bar(day, 40.0 * number) for number, day in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))),
)
ADDRESSES = SignedAddresses("https://bot.example/v1/charts", b"secret")
BARS = st.builds(Bar, st.text(max_size=20), st.floats(0, 1e300))


def token_of(address: str) -> str:
    return address.removeprefix("https://bot.example/v1/charts/")


def test_an_address_holds_its_chart_and_no_name() -> None:
    address = ADDRESSES.address("tenant-1", WEEK, UNTIL)
    signed = ADDRESSES.read(token_of(address))
    assert (signed.tenant_id, signed.chart, signed.until) == ("tenant-1", WEEK, UNTIL)
    assert address.startswith("https://bot.example/v1/charts/")
    assert len(address) < 1000


@pytest.mark.parametrize("secret", [b"", b"other"])
def test_an_address_of_another_secret_is_unknown(secret: bytes) -> None:
    foreign = SignedAddresses("https://bot.example/v1/charts", secret).address("tenant-1", WEEK, UNTIL)
    with pytest.raises(NotFound):
        ADDRESSES.read(token_of(foreign))


def test_no_part_of_an_address_can_be_changed() -> None:
    token = token_of(ADDRESSES.address("tenant-1", WEEK, UNTIL))
    for place in range(len(token) - len(".png")):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(NotFound):
            ADDRESSES.read(token[:place] + other + token[place + 1 :])


@given(st.text(max_size=300) | st.binary(max_size=90).map(lambda raw: base64.urlsafe_b64encode(raw).decode() + ".x"))
def test_anything_else_is_unknown(token: str) -> None:
    with pytest.raises(NotFound):
        ADDRESSES.read(token)


def test_a_bot_that_nobody_reaches_has_no_addresses() -> None:
    assert SignedAddresses("", b"secret").address("tenant-1", WEEK, UNTIL) == ""


def test_a_chart_too_large_for_an_address_has_none() -> None:
    large = Chart(title="x" * 4000, by="day", bars=(Bar("Mon", 1.0),))
    assert ADDRESSES.address("tenant-1", large, UNTIL) == ""


@settings(max_examples=20)
@given(st.lists(BARS, max_size=30).map(tuple))
def test_any_bars_make_a_small_picture(bars: tuple[Bar, ...]) -> None:
    png = draw_bars(Chart(title="Burnt by anomalies", by="day", bars=bars))
    assert Image.open(BytesIO(png)).size == (WIDTH, HEIGHT)
    assert len(png) < 40_000


def test_higher_bars_are_higher() -> None:
    picture = Image.open(BytesIO(draw_bars(WEEK))).convert("RGB")

    def red_in(column: int) -> int:
        pixels = [picture.getpixel((column, row)) for row in range(HEIGHT)]
        return sum(isinstance(pixel, tuple) and pixel[0] > 150 > pixel[1] for pixel in pixels)

    slot = 760 / 7
    heights = [red_in(round(20 + slot * (number + 0.5))) for number in range(7)]
    assert heights == sorted(heights)
    assert heights[0] == 0
    assert heights[6] > 200


async def test_a_chart_is_drawn_once_and_the_oldest_is_forgotten() -> None:
    drawing = Drawing()
    first, again = await asyncio.gather(drawing.draw(WEEK), drawing.draw(WEEK))
    assert first is again
    for number in range(KEPT):
        await drawing.draw(Chart(title=f"{number}", by="day", bars=()))
    assert await drawing.draw(WEEK) is not first
