"""docs/zombies.md, made from the rules themselves."""

import msgspec

from engine.zombies.lessons import ENOUGH
from engine.zombies.own_thresholds import ThresholdRow, bounds_of, rows_of
from engine.zombies.rule import Rule
from engine.zombies.rules import RULES
from engine.zombies.thresholds import Thresholds

_HEAD = """# What the zombie hunter looks for

This page is made from `engine/zombies`; `tests/unit/engine/test_zombie_guide.py` says how to make it anew.

Once a day every connected account is asked, Region by Region, what it holds, and each resource is shown to the rules
of its kind in the order below. The first one that says so finds it, so no dollar is counted twice. Nothing is ever
changed in the account: a finding carries commands for a person to run, the one that can be taken back first. Some have
no such step: AWS neither stops nor shrinks balancers, gateways, endpoints, control planes of EKS and brokers of MSK. A
stream of one or two shards can only be deleted, too, for on demand it costs more; and so can one that is on demand.

`/dd0c zombies` shows what is known and has every account looked at that was not within the hour; whoever asked gets a
direct message with what is idle then, what is new, what went, and what could not be seen. More often than once an hour
no account is looked at, for CloudWatch bills its owner about a cent for a thousand metrics. `POST /v1/zombies/scans`
does the same for programs, and `GET /v1/zombies` tells when each account was looked at last.

A metric that AWS does not have proves nothing, except where AWS has none because nothing happened. Money is list price
for 730 hours; where no price is known, that is said. decisions/0031 says why the rules and their thresholds are these.

What cannot be seen is named and hides nothing else: a service that refuses, or a Region that is off, which is asked
once. What depends on what was not seen is named as well, and stays as it was. An answer that makes no sense ends its
service alone. What is deleted between two calls of a look is left out. Of 100,000 of one kind the dearest are listed,
the rest is counted. Where a Region has more than 200 functions, provisioned concurrency is looked for in those that
were called within two weeks, which is named, too.

What AWS is copying, changing or maintaining at the moment of a look is left as it was found before. An instance, a
notebook or a warehouse that is stopped, as its rule proposes, counts as saved until it is found again. A database that
is stopped does not: its storage is billed, and AWS starts it after seven days.

| rule | finds | when | as in | metrics | first step |
| --- | --- | --- | --- | --- | --- |
"""
_BIRTH = """
## The birth clock

What nobody has used hours after it was made is often forgotten. Every hour it is measured what, by our own records, was
started between {birth_hours:g} and {birth_until_hours:g} hours ago, still runs and costs ${birth_usd_an_hour:g} an hour
or more. Its first hour does not count, for in that things set themselves up. If none of these metrics shows any use,
whoever made it is told, once: in Slack if their address is known there, else in the account's channel. Nothing is said
while alerting is paused.

"""
_LESSONS = f"""
## What people say

*Keep* hides a finding until a day. *Delete planned* (*Change planned* where nothing is to be deleted) leaves it
listed, with who plans it. *Not idle* teaches two things: no rule finds that resource any more; and a rule of whose
findings {ENOUGH} were called so, and more than were to go or went, is one step less sure from the next look on and says
why. Undo takes all of that back.
"""
_THRESHOLDS = """
## Thresholds

`/dd0c settings zombies nat_days 14` sets one for a workspace, `default` brings the usual value back; so does
`PATCH /v1/zombies/thresholds`. Findings say which they were found at, where it is not the usual one.

| threshold | usual | lowest | highest |
| --- | --- | --- | --- |
"""


def guide() -> str:
    """Give the whole page.

    >>> guide().splitlines()[0]
    '# What the zombie hunter looks for'
    """
    limits = Thresholds()
    rows = "".join(_row(rule, limits) for rule in RULES)
    values = "".join(map(_threshold, rows_of({})))
    births = "".join(f"- {rule.title}: {_metrics(rule)}\n" for rule in RULES if rule.is_birth)
    return _HEAD + rows + _BIRTH.format(**msgspec.structs.asdict(limits)) + births + _LESSONS + _THRESHOLDS + values


def _row(rule: Rule, limits: Thresholds) -> str:
    metrics = _metrics(rule) or "none"
    first = " ".join(rule.commands[0].split()[:2]) if rule.commands else "none"
    cells = (f"`{rule.name}`", rule.title, rule.threshold_text(limits), rule.source, metrics, f"`aws {first}`")
    return f"| {' | '.join(cells)} |\n"


def _threshold(row: ThresholdRow) -> str:
    numbers = (f"{one:,.15g}" for one in (row.usual, *bounds_of(row.name)))
    return f"| `{row.name}` | {' | '.join(numbers)} |\n"


def _metrics(rule: Rule) -> str:
    return ", ".join(f"{need.namespace} {need.metric}" for need in rule.needs)
