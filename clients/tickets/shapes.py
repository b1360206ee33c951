"""Reading trackers' answers, which may be anything, and writing what they show."""

import re
from typing import Any

from engine.errors import Unavailable
from engine.models.ticket import TicketDraft

_PAGE = re.compile(r"https?://[!-;=?-{}~]{1,1000}")


def objects(answer: Any, name: str) -> list[dict[str, Any]]:
    """The objects in a list of the answer; none where there is no such list.

    >>> objects({"nodes": [{"id": 1}, "x"]}, "nodes"), objects(None, "nodes")
    ([{'id': 1}], [])
    """
    found = answer.get(name) if isinstance(answer, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def key_of(answer: Any, name: str, pattern: str) -> str:
    """A ticket's key. Raises Unavailable for an answer without one: the ticket may exist all the same."""
    key = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(key, str) or not re.fullmatch(pattern, key):
        raise Unavailable("It answered without the ticket's key.", code="no_key")
    return key


def number_of(answer: Any, name: str) -> int:
    """A ticket's number; as ``key_of``."""
    number = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise Unavailable("It answered without the ticket's number.", code="no_key")
    return number


def page_url(answer: Any, name: str) -> str:
    """A ticket's page; empty where the answer tells none that can be linked to."""
    url = answer.get(name) if isinstance(answer, dict) else None
    return url if isinstance(url, str) and _PAGE.fullmatch(url) else ""


def markdown(draft: TicketDraft) -> str:
    """The ticket's text. Names from outside stand in blocks of code, where they call nobody and are no markup."""
    parts = ["```text", *draft.facts, "```"]
    if draft.commands:
        parts += ["", "How to stop it:", "", "```sh", *draft.commands, "```"]
    return "\n".join([*parts, "", draft.marker])
