"""What to do about a key that somebody else may have, in its order."""

from blocks.card import Block, code_block, paragraphs
from blocks.text import escape
from engine.models.anomaly import Anomaly
from engine.remediation.leaked_key import KeyStep, leaked_key_steps


def leaked_key_line(anomaly: Anomaly) -> str:
    """One sentence that leads to the list; empty where no key is suspected."""
    if not leaked_key_steps(anomaly):
        return ""
    return "*If the key may have leaked*, stopping this is not enough: *Show details* has the steps, the key first."


def leaked_key(anomaly: Anomaly) -> list[Block]:
    """A list of steps with their commands; nothing where no key is suspected."""
    steps = leaked_key_steps(anomaly)
    if not steps:
        return []
    lines = [_step(number, step) for number, step in enumerate(steps, start=1)]
    return paragraphs("leaked_key", ["*If the key may have leaked, in this order*", *lines])


def _step(number: int, step: KeyStep) -> str:
    told = f"{number}. {escape(step.what, 200)}"
    return f"{told}\n{code_block([escape(step.command, 700)])}" if step.command else told
