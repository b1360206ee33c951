"""Logging for the whole process: one line an entry, time first."""

import logging


def set_up_logging(level: str) -> None:
    """Log to standard error. Libraries that tell every step are kept to their warnings."""
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    for noisy in ("apscheduler", "aiohttp.access", "botocore", "aiobotocore", "slack_bolt", "slack_sdk"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
