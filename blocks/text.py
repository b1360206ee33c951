"""Words for people: everything that comes from outside passes through here before it reaches Slack."""

import re
import unicodedata
from datetime import UTC, datetime

from engine.reasons import with_person

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ELLIPSIS = "…"
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"  # Emoji and several scripts are spelled with them.
_LINKABLE = re.compile(r"https?://[!-;=?-{}~]{1,1000}")  # Any printable ASCII but <, >, | and spaces.
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{1,30}")
_USER_ID = re.compile(r"[UW][A-Z0-9]{1,30}")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def clean(text: str, limit: int | None = None) -> str:
    r"""Return ``text`` on one line, with control, invisible and direction-changing characters made visible.

    No more than the first ``limit`` characters of that line are looked at: names may be as long as a record.

    >>> clean("two\nlines  \u202egnp.exe")
    'two lines �gnp.exe'
    """
    line = " ".join(text.split())[:limit]
    return line if line.isprintable() else "".join(map(_show, line))


def _show(char: str) -> str:
    hidden = unicodedata.category(char) in _UNSEEN and char not in _JOINERS
    return _REPLACEMENT if hidden else char


def length(text: str) -> int:
    """Return the length as the strictest reader of Slack's limits counts it: in UTF-16 units.

    >>> length("a💥")
    3
    """
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)


def escape(text: str, limit: int = 200) -> str:
    """Return ``text`` safe inside mrkdwn, at most ``limit`` long after escaping; entities are never cut.

    >>> escape("<!channel> R&D")
    '&lt;!channel&gt; R&amp;D'
    >>> escape("a<b", limit=5)
    'a…'
    """
    return _cut([_ENTITIES.get(char, char) for char in clean(text, limit + 1)], limit)


def plain(text: str, limit: int) -> str:
    """Return ``text`` for a plain_text object, at most ``limit`` long; an empty text becomes a dash.

    >>> plain("  ", limit=10)
    '-'
    """
    return _cut(list(clean(text, limit + 1)), limit) or "-"


def code(text: str, limit: int = 200) -> str:
    """Return ``text`` as inline code; a backtick would end it early and becomes an apostrophe.

    >>> code("db`1")
    "`db'1`"
    """
    return f"`{escape(text.replace('`', chr(39)), limit - 2) or '-'}`"


def _cut(pieces: list[str], limit: int) -> str:
    """Join the pieces; when they are too long, keep whole ones and end with an ellipsis."""
    whole = "".join(pieces)
    if length(whole) <= limit:
        return whole
    room, kept = limit - length(_ELLIPSIS), []
    for piece in pieces:
        room -= length(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + _ELLIPSIS


def duration(seconds: float) -> str:
    """Return a length of time in words.

    >>> duration(42 * 60), duration(3 * 3600 + 300), duration(2 * 86400 + 7)
    ('42 min', '3 h 05 min', '2 days')
    """
    if seconds < _MINUTE:
        return "under 1 min"
    if seconds >= 2 * _DAY:
        return f"{int(seconds // _DAY):,} days"
    hours, minutes = int(seconds // _HOUR), int(seconds % _HOUR // _MINUTE)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes:02} min" if minutes else f"{hours} h"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun.

    >>> count(1, "Region"), count(1200, "Region"), count(0, "anomaly", "anomalies")
    ('1 Region', '1,200 Regions', '0 anomalies')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def short_actor(name: str, limit: int = 80) -> str:
    """Return what a person calls this actor: an ARN shrinks to its last words. Not escaped.

    >>> short_actor("arn:aws:iam::123456789012:user/ops/alice")
    'alice'
    >>> short_actor("arn:aws:sts::123456789012:assumed-role/Deploy/build-7")
    'Deploy/build-7'
    """
    if name.startswith("arn:"):
        kind, _, path = name.rsplit(":", 1)[-1].partition("/")
        name = path if kind == "assumed-role" else (path or kind).rsplit("/", 1)[-1]
    return plain(name, limit) if name.strip() else "unknown actor"


def mention(user_id: str) -> str:
    """Return a Slack user as a mention; what is not a user id is shown as it is.

    >>> mention("U012AB"), mention("cli: <root>"), mention("")
    ('<@U012AB>', 'cli: &lt;root&gt;', 'someone')
    """
    return f"<@{user_id}>" if _USER_ID.fullmatch(user_id) else escape(user_id, 80) or "someone"


def reason(text: str, limit: int) -> str:
    """Return a decision's reason, safe inside mrkdwn; the Slack user by whom or as whose word it came is mentioned.

    >>> reason("Snoozed by U012AB.", 200), reason("Expected, as key:7 said.", 200)
    ('Snoozed by <@U012AB>.', 'Expected, as key:7 said.')
    """
    return with_person(escape(text, limit), lambda who: f"<@{who}>" if _USER_ID.fullmatch(who) else who)


def is_channel_id(channel_id: str) -> bool:
    """Whether Slack could have given this id to a channel; a menu that begins with any other is refused as a whole.

    >>> is_channel_id("C012AB"), is_channel_id("U012AB"), is_channel_id("")
    (True, False, False)
    """
    return _CHANNEL_ID.fullmatch(channel_id) is not None


def channel(channel_id: str) -> str:
    """Return a Slack channel as a link; what is no channel id is shown as it is.

    >>> channel("C012AB"), channel("<costs>"), channel("")
    ('<#C012AB>', '&lt;costs&gt;', 'a channel')
    """
    return f"<#{channel_id}>" if is_channel_id(channel_id) else escape(channel_id, 80) or "a channel"


def link(url: str, label: str) -> str:
    """Return a link; what is no plain https address is left out, for it could end the markup early.

    >>> link("https://acme.example/browse/OPS-7", "OPS-7"), link("javascript:alert(1)", "OPS-7")
    ('<https://acme.example/browse/OPS-7|OPS-7>', 'OPS-7')
    """
    shown = escape(label, 80) or "-"
    return f"<{url.replace('&', '&amp;')}|{shown}>" if _LINKABLE.fullmatch(url) else shown


def when(moment: datetime, lead: str = "") -> str:
    """Return a date token that Slack shows in each reader's own time zone; mrkdwn only.

    Slack writes "Today" where the token begins and "today" after ``lead``, which is for the middle of a sentence.

    >>> when(datetime(2026, 3, 4, 14, 7, tzinfo=UTC), "since")
    '<!date^1772633220^since {date_short_pretty} {time}|since 2026-03-04 14:07 UTC>'
    """
    before = f"{lead} " if lead else ""
    fallback = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(moment.timestamp())}^{before}{{date_short_pretty}} {{time}}|{before}{fallback}>"
