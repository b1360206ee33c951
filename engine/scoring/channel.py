"""What every channel gives: a score in units of its own threshold, and the reasons it is made of."""

from collections.abc import Callable

import msgspec

from engine.models.anomaly import Signal


class Reason(msgspec.Struct, frozen=True):
    """One reason with its share of the score; its sentence is made only when somebody is going to read it."""

    name: str
    contribution: float
    text: Callable[[], str]

    def signal(self) -> Signal:
        """The reason as it is stored and shown.

        >>> Reason("type", 1.0, lambda: "Never seen.").signal().text
        'Never seen.'
        """
        return Signal(self.name, self.contribution, self.text())
