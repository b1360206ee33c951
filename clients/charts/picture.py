"""Draws bars."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from engine.models.chart import Bar, Chart

WIDTH, HEIGHT = 800, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 20, 780, 86, 338
_WHITE, _INK, _GREY, _RED = "#ffffff", "#14213d", "#5b6478", "#b3261e"
_MOST_BARS = 20
_GAP = 0.28
_COLOURS = 32
_MILLION, _THOUSAND = 1e6, 1e3


def draw_bars(chart: Chart) -> bytes:
    """Give a PNG of the bars with their labels and amounts; a few kilobytes, and as large whatever the numbers are."""
    image = Image.new("RGB", (WIDTH, HEIGHT), _WHITE)
    canvas = ImageDraw.Draw(image)
    canvas.text((_LEFT, 20), f"{chart.title}, USD", fill=_INK, font=ImageFont.load_default(24))
    bars = chart.bars[:_MOST_BARS]
    highest = max([bar.usd for bar in bars], default=0.0)
    slot = (_RIGHT - _LEFT) / max(1, len(bars))
    for number, bar in enumerate(bars):
        _draw_bar(canvas, bar, _LEFT + number * slot, slot, bar.usd / highest if highest > 0 else 0.0)
    canvas.line((_LEFT, _BOTTOM, _RIGHT, _BOTTOM), fill=_GREY, width=2)
    file = BytesIO()
    image.quantize(_COLOURS).save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw_bar(canvas: ImageDraw.ImageDraw, bar: Bar, left: float, slot: float, share: float) -> None:
    middle, top = left + slot / 2, _BOTTOM - max(0.0, share) * (_BOTTOM - _TOP)
    font = ImageFont.load_default(min(17.0, slot / 5.6))
    if share > 0:
        canvas.rectangle((left + slot * _GAP / 2, top, left + slot * (1 - _GAP / 2), _BOTTOM), fill=_RED)
        canvas.text((middle, top - 4), _amount(bar.usd), fill=_INK, font=font, anchor="md")
    canvas.text((middle, _BOTTOM + 8), bar.label, fill=_GREY, font=font, anchor="ma")


def _amount(usd: float) -> str:
    """A short amount: the exact one stands in the digest's words.

    >>> _amount(12.345), _amount(1234.0), _amount(5e6)
    ('$12.35', '$1.2k', '$5.0M')
    """
    if usd >= _MILLION:
        return f"${usd / _MILLION:,.1f}M"
    return f"${usd / _THOUSAND:.1f}k" if usd >= _THOUSAND else f"${usd:.2f}"
