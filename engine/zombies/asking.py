"""How often an account is looked at because somebody asks."""

from datetime import datetime, timedelta

from engine.zombies.models import Scan

# CloudWatch bills the customer for what is asked: about a cent for a thousand metrics.
BETWEEN = timedelta(hours=1)


def is_settled(scan: Scan | None, asked_at: datetime) -> bool:
    """Whether the last look is young enough for whoever asked then; one that is under way is waited for.

    >>> from engine.zombies.examples import NOW
    >>> def began(minutes_ago):
    ...     at = NOW - timedelta(minutes=minutes_ago)
    ...     return Scan(account_id="111122223333", began_at=at, ended_at=at)
    >>> is_settled(began(59), NOW), is_settled(began(60), NOW), is_settled(None, NOW)
    (True, False, False)
    """
    return scan is not None and not scan.is_under_way and scan.began_at > asked_at - BETWEEN
