"""Logging for the whole process: one line an entry, time first."""

import logging

_OURS = ("blocks", "bot", "clients", "demo", "engine", "handlers", "scheduler", "services", "store")
_BREAKS = {code: f"\\x{code:02x}" for code in (*range(9), *range(10, 32), 127, 0x85)} | {10: "\\n", 13: "\\r"}


class _OneLine(logging.Formatter):
    """Keeps text from outside from looking like an entry of its own; a traceback still has its lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of the method it overrides
        return super().formatMessage(record).translate(_BREAKS)


def set_up_logging(level: str) -> None:
    """Log to standard error, ours from ``level`` on.

    Libraries are heard from their warnings on, whatever the level: what they tell below that is each request and each
    command they send, with the secrets and the customers' data in them.
    """
    ours = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    logging.basicConfig(level=max(ours, logging.WARNING), handlers=[handler])
    for name in _OURS:
        logging.getLogger(name).setLevel(ours)
