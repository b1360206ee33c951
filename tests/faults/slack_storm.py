"""Slack on a very bad day: calls fail in all the ways they can, one after the other."""

import asyncio
from collections.abc import Callable
from random import Random

from demo.slack_workspace.workspace import SlackWorkspace
from tests.faults.world import World

_METHODS = ("chat.postMessage", "chat.update", "conversations.history", "response_url")
_SLOW_SECONDS = 2.0


def _error_500(slack: SlackWorkspace, method: str, rng: Random) -> None:
    slack.fail_next(method, status=rng.choice((500, 502, 503)))


def _rate_limited(slack: SlackWorkspace, method: str, rng: Random) -> None:
    slack.fail_next(method, retry_after=rng.choice((1, 2)))


def _cut_before(slack: SlackWorkspace, method: str, _rng: Random) -> None:
    slack.fail_next(method)


def _cut_after(slack: SlackWorkspace, method: str, _rng: Random) -> None:
    """The worst: it was done, and nobody heard so."""
    slack.fail_next(method, after_effect=True)


_WAYS: dict[str, Callable[[SlackWorkspace, str, Random], None]] = {
    "500": _error_500,
    "429": _rate_limited,
    "cut before": _cut_before,
    "cut after": _cut_after,
}


async def storm(site: World, rng: Random, seconds: float, silent_seconds: float) -> None:
    """Every half second something happens to the next call of some method; in the end nothing does any more.

    Every third time that call is done and not answered for two seconds, every sixth time for ``silent_seconds``, which
    is longer than the bot's patience if it is to time out.
    """
    slack = site.stage.slack
    loop = asyncio.get_running_loop()
    ends, turn = loop.time() + seconds, 0
    async with asyncio.TaskGroup() as silences:
        while loop.time() < ends:
            method, turn = rng.choice(_METHODS), turn + 1
            if turn % 3 == 0:
                silences.create_task(_hold(slack, method, silent_seconds if turn % 6 == 0 else _SLOW_SECONDS))
                site.counts["silent" if turn % 6 == 0 else "slow"] += 1
            else:
                way = rng.choice(list(_WAYS))
                _WAYS[way](slack, method, rng)
                site.counts[way] += 1
            await asyncio.sleep(0.5)
    slack.recover()


async def _hold(slack: SlackWorkspace, method: str, seconds: float) -> None:
    held = slack.hold_next(method)
    await asyncio.sleep(seconds)
    held.released.set()
