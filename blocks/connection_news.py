"""The message in the alert channel that follows an account from its connection until it is watched."""

from blocks.anomaly_words import account
from blocks.card import Card, context, section
from blocks.text import count, duration
from engine.models.post import ConnectionNews


def connection_news(news: ConnectionNews) -> Card:
    """Say how far learning is; at last that the account is watched, or that it is not any more."""
    name = account(news.account_name, news.account_id)
    if not news.is_done:
        text = f"{name} is connected. Its last 90 days are being read: {_progress(news)}."
        return Card(
            text, [section("news", text), context("follow", ["Until then only very expensive launches alert."])]
        )
    if not news.is_watched:
        text = f"{name} is not watched: it was disconnected."
        return Card(text, [section("news", text)])
    text = f"Watching {count(news.regions, 'Region')} of {name}, {_newest(news)}."
    follow = "Its last 90 days are learned. `/dd0c status` tells more."
    return Card(text, [section("news", text), context("follow", [follow])])


def _progress(news: ConnectionNews) -> str:
    """Count the Regions.

    >>> _progress(ConnectionNews(account_id="1", account_name="", regions=17, regions_learned=3))
    '3 of 17 Regions'
    """
    return f"{news.regions_learned:,} of {count(news.regions, 'Region')}"


def _newest(news: ConnectionNews) -> str:
    if news.seconds_behind is None:
        return "no record yet"
    return f"last record {duration(max(0.0, news.seconds_behind))} ago"
