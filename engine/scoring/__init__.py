"""How unusual and costly a cost event is, and why."""

from engine.scoring.score import score

__all__ = ["score"]
