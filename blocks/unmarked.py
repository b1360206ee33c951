"""From Slack's markup back to plain text, for pages that show the same sentences."""

import re

_TOKEN = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_BOLD = re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def unmarked(text: str) -> str:
    """Return what a person reads of mrkdwn: no longer escaped, so whoever shows it must escape it.

    >>> unmarked("*Stopped after 2 h:* by <@U1>, R&amp;D <https://a.example|OPS-7> `x`")
    'Stopped after 2 h: by @U1, R&D OPS-7 x'
    """
    text = _TOKEN.sub(lambda found: found[2] or found[1], _BOLD.sub(r"\1", text)).replace("`", "")
    for entity, char in _ENTITIES:
        text = text.replace(entity, char)
    return text
