"""Whose word a decision's reason gives: reasons keep ids, and each place that shows one says who that is."""

import re
from collections.abc import Callable, Mapping

from engine.models.audit import OPERATOR

_WHOSE = re.compile(r"(?:(?<=^Expected, as )|(?<=^Snoozed by )|(?<=, chosen by )).+?(?= said\.|\.(?: |$))")
_KEY = "key:"


def id_in(reason: str) -> str:
    """Give the id of who said so; empty where nobody did.

    >>> id_in("Snoozed by U012AB."), id_in("Alerting is paused.")
    ('U012AB', '')
    """
    found = _WHOSE.search(reason)
    return found.group() if found else ""


def with_person(reason: str, name: Callable[[str], str]) -> str:
    """Give the reason with a name, as ``name`` calls the id, in the place of the id.

    >>> with_person("Expected, as U012AB said.", {"U012AB": "Ann"}.__getitem__)
    'Expected, as Ann said.'
    """
    return _WHOSE.sub(lambda found: name(found.group()), reason)


def in_words(reason: str, names: Mapping[str, str]) -> str:
    """Give the reason for people who know no ids, and without a mention, which would call whom it names.

    >>> in_words("Snoozed by U1.", {"U1": "Ann"}), in_words("Snoozed by U2.", {}), in_words("Snoozed by key:7.", {})
    ('Snoozed by Ann.', 'Snoozed by somebody.', 'Snoozed by an API key.')
    """
    return with_person(reason, lambda who: names.get(who) or _unnamed(who))


def _unnamed(who: str) -> str:
    if who.startswith(_KEY):
        return "an API key"
    return "the operator" if who == OPERATOR else "somebody"
