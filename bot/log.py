"""Logging for the whole process: one line an entry, as text with the time first or as JSON, without secrets."""

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.redaction import Redaction
from clients.telemetry.tracing import current_trace_id
from services.correlation import correlation

_OURS = ("blocks", "bot", "clients", "demo", "engine", "handlers", "scheduler", "services", "store")
_BREAKS = {code: f"\\x{code:02x}" for code in (*range(9), *range(10, 32), 127, 0x85)} | {10: "\\n", 13: "\\r"}
_TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class _Text(logging.Formatter):
    """Keeps text from outside from looking like an entry of its own; a traceback still has its lines."""

    def __init__(self, redact: Redaction) -> None:
        super().__init__(_TEXT)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of the method it overrides
        return super().formatMessage(record).translate(_BREAKS)


class _Json(logging.Formatter):
    """One object an entry: time, level, logger, message, what it belongs to, and the traceback where there is one."""

    def __init__(self, redact: Redaction) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._redact(record.getMessage()),
            **correlation(),
        }
        if trace_id := current_trace_id():
            entry["trace_id"] = trace_id
        if record.exc_info:
            entry["exception"] = self._redact(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=True, separators=(",", ":"))


def formatter(log_format: str, redact: Redaction) -> logging.Formatter:
    """Give what writes an entry as "text" or "json"."""
    return _Json(redact) if log_format == "json" else _Text(redact)


def set_up_logging(level: str, log_format: str = "text", secrets: Iterable[str] = ()) -> None:
    """Log to standard error, ours from ``level`` on, as "text" or "json", and never one of ``secrets``.

    Libraries are heard from their warnings on, whatever the level: what they tell below that is each request and each
    command they send, with the secrets and the customers' data in them.
    """
    ours = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(log_format, Redaction(secrets)))
    logging.basicConfig(level=max(ours, logging.WARNING), handlers=[handler])
    for name in _OURS:
        logging.getLogger(name).setLevel(ours)
