"""A small world in motion: an account's past, and what happens to it once the bot watches."""

from demo.aws_account.world.cast import ACCOUNT_ID, ALIAS, HOME_REGIONS
from demo.aws_account.world.furnishing import IDLE_GATEWAY, furnish
from demo.aws_account.world.history import SEED, history
from demo.aws_account.world.scenario import (
    STOLEN_LAUNCHES,
    TYPO_COUNT,
    TYPO_TYPE,
    leaked_key,
    normal_deploy,
    same_launch_again,
    stop,
    typo_count,
)

__all__ = [
    "ACCOUNT_ID",
    "ALIAS",
    "HOME_REGIONS",
    "IDLE_GATEWAY",
    "SEED",
    "STOLEN_LAUNCHES",
    "TYPO_COUNT",
    "TYPO_TYPE",
    "furnish",
    "history",
    "leaked_key",
    "normal_deploy",
    "same_launch_again",
    "stop",
    "typo_count",
]
