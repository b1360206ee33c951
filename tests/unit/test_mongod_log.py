"""What is quoted of mongod's log when it has died: the error that says why, and nothing else."""

import json
from pathlib import Path

import pytest

from bot.mongod.data_dir import LOG_LINE_CHARACTERS, LOG_TAIL_BYTES, DataDir


def line(severity: str, message: str, **attributes: object) -> str:
    return json.dumps({"t": {"$date": "2026-01-05"}, "s": severity, "c": "STORAGE", "msg": message, "attr": attributes})


CHATTER = line("I", "Connection ended", remote="127.0.0.1:5")
FULL = line("E", "WiredTiger error", error=28, reason="No space left on device")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([CHATTER, CHATTER], "{log} names no error"),
        ([], "{log} names no error"),
        ([FULL, CHATTER], 'WiredTiger error {"error": 28, "reason": "No space left on device"}'),
        ([FULL, line("F", "Fatal assertion", msgid=28559), CHATTER], 'Fatal assertion {"msgid": 28559}'),
        (["mongod: error while loading shared libraries: libcrypto.so.3"], None),
        ([CHATTER * (LOG_TAIL_BYTES // len(CHATTER) + 1)], "{log} names no error"),
    ],
)
def test_the_last_error_alone_is_quoted(tmp_path: Path, lines: list[str], told: str | None) -> None:
    here = DataDir(tmp_path)
    here.log.write_text("\n".join(lines), encoding="utf-8")
    assert here.log_tail() == (lines[0] if told is None else told.replace("{log}", str(here.log)))


def test_a_long_error_is_cut(tmp_path: Path) -> None:
    here = DataDir(tmp_path)
    assert here.log_tail() == "it wrote no log"
    here.log.write_text(line("E", "x" * 1000), encoding="utf-8")
    assert len(here.log_tail()) == LOG_LINE_CHARACTERS
