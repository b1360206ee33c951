"""The bot and the bare app in turns, under the same two loads."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

import msgspec

from bench.slack.crowd import Crowd, Typed
from bench.slack.processes import Running, bare_process, bot_process
from demo.stage import Stage

BOT, BARE = "dd0c serve", "bare Bolt, only acks"
BURST, STEADY = "all at one moment", "each again once answered"
_COMMANDS = "/v1/slack/commands"


class Plan(msgspec.Struct, frozen=True):
    """How many commands are in flight, how often all come at one moment, and how many each person types in a row."""

    in_flight: int = 200
    rounds: int = 5
    bursts: int = 5
    each: int = 10


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One app under one load, over all rounds, in milliseconds; ``answer_p99_ms`` is None where nothing is answered."""

    app: str
    load: str
    commands: int
    ack_p50_ms: float
    ack_p95_ms: float
    ack_p99_ms: float
    ack_max_ms: float
    answer_p99_ms: float | None


async def measure(plan: Plan) -> list[Row]:
    """Measure both in every round, so that whatever else this machine does meets both."""
    found: dict[tuple[str, str], list[Typed]] = {(app, load): [] for load in (BURST, STEADY) for app in (BOT, BARE)}
    async with Stage(with_bot=False) as stage, bot_process(stage) as bot, _bare(stage) as bare:
        crowd = Crowd(stage.slack.signing_secret, stage.slack.team_id, stage.channel.channel_id, stage.maria.user_id)
        async with crowd:
            apps = ((BOT, bot.url + _COMMANDS, True), (BARE, bare.url + _COMMANDS, False))
            for _, url, answered in apps:
                await crowd.burst(url, plan.in_flight, answered=answered)  # What is imported at the first request is.
            for _ in range(plan.rounds):
                for app, url, answered in apps:
                    for _ in range(plan.bursts):
                        found[app, BURST] += await crowd.burst(url, plan.in_flight, answered=answered)
                    found[app, STEADY] += await crowd.steady(url, plan.in_flight, plan.each, answered=answered)
    return [_row(app, load, typed) for (app, load), typed in found.items()]


def _bare(stage: Stage) -> AbstractAsyncContextManager[Running]:
    slack = stage.slack
    return bare_process("bench.slack.bare", slack.api_url, slack.bot_token, slack.signing_secret)


def _row(app: str, load: str, typed: Sequence[Typed]) -> Row:
    acks = sorted(one.ack_ms for one in typed)
    answers = sorted(one.answer_ms for one in typed if one.answer_ms is not None)
    return Row(
        app=app,
        load=load,
        commands=len(typed),
        ack_p50_ms=quantile(acks, 0.5),
        ack_p95_ms=quantile(acks, 0.95),
        ack_p99_ms=quantile(acks, 0.99),
        ack_max_ms=acks[-1],
        answer_p99_ms=quantile(answers, 0.99) if answers else None,
    )


def quantile(ascending: Sequence[float], share: float) -> float:
    """Give the smallest value that at least this share of all does not exceed.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5)
    2.0
    """
    rank = -int(-share * len(ascending) // 1)
    return ascending[max(rank, 1) - 1]
