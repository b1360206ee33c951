"""Charts: as Slack draws them itself, as a picture, and in words for whoever sees neither."""

import math

from blocks.card import Block, code_block, plain_text
from blocks.money import usd
from blocks.text import plain
from engine.models.chart import Chart

_TITLE, _LABEL = 50, 20
_MOST_BARS = 20
_MOST_USD = 1e12
_ALT_TEXT = 2000


def native_chart(chart: Chart) -> Block:
    """Bars that Slack draws. The block takes no text for those who cannot see it: ``finding`` belongs beside it."""
    data = [{"label": plain(bar.label, _LABEL), "value": _value(bar.usd)} for bar in chart.bars[:_MOST_BARS]]
    return {
        "type": "data_visualization",
        "block_id": "chart",
        "title": plain(f"{chart.title}, USD", _TITLE),
        "chart": {
            "type": "bar",
            "series": [{"name": plain(chart.title, _LABEL), "data": data}],
            "axis_config": {
                "categories": [point["label"] for point in data],
                "x_label": plain(chart.by, _TITLE),
                "y_label": "USD",
            },
        },
    }


def drawn_chart(chart: Chart, url: str) -> Block:
    """The picture of a chart."""
    return {
        "type": "image",
        "block_id": "chart",
        "image_url": url,
        "alt_text": plain(finding(chart), _ALT_TEXT),
        "title": plain_text(f"{chart.title}, USD", _TITLE),
    }


def written_chart(chart: Chart) -> str:
    """The bars as lines of text, in mrkdwn."""
    width = max((len(plain(bar.label, _LABEL)) for bar in chart.bars), default=0)
    return code_block([f"{plain(bar.label, _LABEL).ljust(width)}  {usd(bar.usd):>14}" for bar in chart.bars])


def finding(chart: Chart) -> str:
    """What the chart shows, in one sentence and without any markup.

    >>> from engine.models.chart import Bar
    >>> finding(Chart(title="Burnt by anomalies", by="day", bars=(Bar("Mon 05 Jan", 24.0), Bar("Tue 06 Jan", 6.0))))
    'Burnt by anomalies: $30.00 in all; the highest bar is $24.00 (day Mon 05 Jan).'
    """
    if not chart.bars:
        return f"{chart.title}: nothing."
    highest = max(chart.bars, key=lambda bar: bar.usd)
    total = usd(sum(bar.usd for bar in chart.bars))
    return f"{chart.title}: {total} in all; the highest bar is {usd(highest.usd)} ({chart.by} {highest.label})."


def _value(amount: float) -> float:
    """A number that JSON has and Slack can draw."""
    return round(min(max(amount, 0.0), _MOST_USD), 2) if math.isfinite(amount) else 0.0
