"""What is measured, as the process that measures and the one that plays AWS both know it."""

import msgspec

REGIONS = ("eu-west-1", "us-east-1", "us-west-2")
EXTERNAL_ID = "dd0c-bench"
BUSY_ACCOUNT = "900000000000"
_FIRST_ACCOUNT = 100_000_000_000


class Plan(msgspec.Struct, frozen=True):
    """How much of everything; times are seconds."""

    accounts: int
    poll_seconds: float
    watch_seconds: float
    launches: int
    backlog_records: int
    backlog_seconds: float = 86_400.0
    latency_seconds: float = 0.1
    quiet_cycles: int = 3

    @property
    def seconds_between_launches(self) -> float:
        """So that the launches fill the time that is watched."""
        return self.watch_seconds / self.launches


FULL = Plan(accounts=1000, poll_seconds=60.0, watch_seconds=300.0, launches=300, backlog_records=1_000_000)
QUICK = Plan(accounts=50, poll_seconds=5.0, watch_seconds=20.0, launches=20, backlog_records=1_000_000, quiet_cycles=2)


class Started(msgspec.Struct, frozen=True):
    """Where the AWS of the benchmark listens, and the keys of the bot's own user there."""

    url: str
    access_key_id: str
    secret_access_key: str


def account_ids(count: int) -> list[str]:
    """Name the quiet accounts.

    >>> account_ids(2)
    ['100000000000', '100000000001']
    """
    return [str(_FIRST_ACCOUNT + number) for number in range(count)]
