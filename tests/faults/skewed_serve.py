"""``dd0c serve`` on a machine whose clock is wrong: ``python -m tests.faults.skewed_serve SECONDS``.

All that the bot asks for the time goes by the wrong clock, as do Slack's signatures; only AWS's SDK, which corrects
itself by AWS's answers, goes by the right one.
"""

import sys
import time
from datetime import UTC, datetime, timedelta

import bot.identity

_right_time = time.time


def skew(seconds: float) -> None:
    """Must come before anything else of ours is imported."""

    def wrong_time() -> float:
        return _right_time() + seconds

    def wrong_now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=seconds)

    time.time = wrong_time
    bot.identity.utc_now = wrong_now


if __name__ == "__main__":
    skew(float(sys.argv.pop(1)))
    from bot.cli import main

    sys.argv.append("serve")
    main()
