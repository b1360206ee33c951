"""The answers to ``/dd0c help`` and to words nobody knows."""

from collections.abc import Sequence
from difflib import get_close_matches

from blocks.card import Card, header, section
from blocks.text import clean, code

COMMANDS = {
    "status": "what is watched, how far learning is, and what is wrong",
    "anomalies": "what was unusual in the last days",
    "digest": "the last day in sums",
    "settings": "how readily accounts, services and types alert; `settings sensitivity low|medium|high` sets it",
    "connect": "watch one more AWS account",
    "disconnect": "stop watching an AWS account and delete its data",
    "help": "this list",
}
_LEAST_LIKENESS = 0.5


def help_card() -> Card:
    """List the commands."""
    lines = [f"`/dd0c {word}`  {meaning}" for word, meaning in COMMANDS.items()]
    about = "Expensive AWS mistakes are posted here minutes after they happen. Answer with the buttons on their cards."
    return Card(
        "Commands: " + ", ".join(f"/dd0c {word}" for word in COMMANDS),
        [header("What dd0c can do"), section("about", about), section("commands", "\n".join(lines))],
    )


def unknown_command(word: str, known: Sequence[str] = tuple(COMMANDS)) -> Card:
    """Say that a word is not known, and which one may have been meant.

    >>> unknown_command("staus").text
    'There is no `/dd0c staus`. Did you mean `/dd0c status`?'
    """
    asked = code(f"/dd0c {word}", 80)
    near = get_close_matches(clean(word[:80]).lower(), known, n=1, cutoff=_LEAST_LIKENESS)
    hint = f"Did you mean {code(f'/dd0c {near[0]}')}?" if near else "`/dd0c help` lists what there is."
    text = f"There is no {asked}. {hint}"
    return Card(text, [section("unknown", text)])
