"""The right word that was probably meant by a wrong one."""

from collections.abc import Iterable
from difflib import get_close_matches

_LEAST_LIKENESS = 0.6
_LONGEST = 80


def nearest(word: str, known: Iterable[str]) -> str:
    """Give the known word most like this one, upper and lower case being the same; empty when none is like it.

    >>> nearest("Anomalis", ["status", "anomalies"]), nearest("qqqq", ["status"])
    ('anomalies', '')
    """
    by_lower = {one.lower(): one for one in known}
    found = get_close_matches(word[:_LONGEST].lower(), by_lower, n=1, cutoff=_LEAST_LIKENESS)
    return by_lower[found[0]] if found else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give the question behind an error, with a space before it; empty when no known word is like this one.

    >>> did_you_mean("--sinse", ["--since"])
    ' Did you mean `--since`?'
    """
    near = nearest(word, known)
    return f" Did you mean `{near}`?" if near else ""
