"""What stands in Slack, as plain text for a terminal."""

import html
import re
from typing import Any

from demo.slack_workspace.models import Message

_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
_LABELLED = re.compile(r"<([#@]?)[^|>\s]+\|([^>]*)>")
_BARE = re.compile(r"<([^|>]+)>")
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]*\S)\*(?![\w*])")
_MANY_IDS = re.compile(r"((?:\bi-[0-9a-f]+ ){2})((?:i-[0-9a-f]+ ?){3,})")
_IN_BLOCKS = ("text", "fields", "elements", "blocks")


def shown(part: Any) -> str:
    """What a person reads in a message, an answer or blocks; buttons stand in one line, in brackets.

    >>> shown({"text": "fallback", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Cost*"}}]})
    'Cost'
    """
    if isinstance(part, Message):
        return shown(part.blocks) or plain(part.text)
    if isinstance(part, str):
        return plain(part)
    if isinstance(part, list):
        return "\n".join(filter(None, map(shown, part)))
    return _shown_block(part) if isinstance(part, dict) else ""


def _shown_block(block: dict[str, Any]) -> str:
    if block.get("type") == "actions":
        return _buttons(block)
    if block.get("blocks"):  # Then the text beside them is for notifications only.
        return shown(block["blocks"])
    return "\n".join(filter(None, (shown(block[key]) for key in _IN_BLOCKS if key in block)))


def _buttons(actions: dict[str, Any]) -> str:
    labels = (element.get("text") or element.get("placeholder") or {} for element in actions["elements"])
    return " ".join(f"[{label['text']}]" for label in labels if label.get("text"))


def plain(text: str) -> str:
    """Slack's markup as plain text; of a long list of instances the first two stand for all.

    >>> plain("*Who* at <!date^1^{time}|10:00 UTC>: `x` &lt;<https://a.example|page>&gt;")
    'Who at 10:00 UTC: x <page>'
    >>> plain("--instance-ids i-0a i-0b i-0c i-0d i-0e")
    '--instance-ids i-0a i-0b (and 3 more)'
    """
    text = _LABELLED.sub(r"\1\2", _DATE.sub(r"\1", text))
    text = _BOLD.sub(r"\1", _BARE.sub(r"\1", text)).replace("`", "")
    return _MANY_IDS.sub(lambda found: f"{found[1]}(and {len(found[2].split())} more)", html.unescape(text))
