"""Anomalies to draw: one typical incident, and any incident at all."""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import msgspec
from hypothesis import strategies as st

from engine.models.anomaly import (
    Anomaly,
    AnomalyStatus,
    Decision,
    DecisionKind,
    Line,
    ResourceRef,
    Severity,
    Signal,
)
from engine.models.cost_event import Actor, ActorKind

START = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
INSTANCES = tuple(f"i-0a{number}" for number in range(1, 5))

LEAKED_KEY = Anomaly(
    anomaly_id="7f3a91c2-1111-5222-8333-444455556666",
    account_id="123456789012",
    actor=Actor("arn:aws:iam::123456789012:user/ci-deploy", ActorKind.PERSON, "ci-deploy"),
    status=AnomalyStatus.OPEN,
    severity=Severity.CRITICAL,
    score=3.2,
    signals=(
        Signal("cost", 1.6, "$48.96 an hour is 510 times the $0.096 that launches usually cost here."),
        Signal("region", 0.4, "Nothing was ever started in ap-southeast-1 before."),
    ),
    decision=Decision(DecisionKind.ALERT, "Unusual and expensive."),
    event_ids=("e-1",),
    lines=(Line("ec2", "p3.8xlarge", "ap-southeast-1", 4, 48.96, (), "list"),),
    resources=tuple(ResourceRef("ap-southeast-1", "ec2", "p3.8xlarge", one) for one in INSTANCES),
    running_ids=INSTANCES,
    hourly_cost=48.96,
    running_hourly_cost=48.96,
    unknown_price=False,
    first_event_time=START,
    last_event_time=START,
    detected_at=START + timedelta(minutes=4),
    source_ip="203.0.113.7",
    burning_since=START,
)


def incident(**changes: Any) -> Anomaly:
    """The leaked key's incident, with changes."""
    return msgspec.structs.replace(LEAKED_KEY, **changes)


# Longer than any one limit of a name, and no more: hypothesis writes down whole strategies and examples. What is longer
# than a section is drawn by LONG_NAMES for a single name, and goes everywhere at once through swollen().
NASTY = st.sampled_from(
    [
        "",
        "   ",
        "<!channel>",
        "&<>" * 150,
        "x" * 450,
        "\N{PILE OF POO}" * 225,
        "```\n*bold*",
        "\u202egnp.exe\x00\ud800",
        "\N{HEBREW LETTER ALEF}" * 300,
        "https://evil.example <@U012AB>",
        "a\nb\tc",
    ]
)
NAMES = NASTY | st.text(max_size=40) | st.sampled_from(["m5.large", "i-0abc", "us-east-1", "ec2", "rds", "lambda"])
LONG = ("&<>" * 4000, "x" * 10_000, "\N{PILE OF POO}" * 5000)
LONG_NAMES = st.integers(0, len(LONG) - 1).map(LONG.__getitem__)
MONEY = st.floats(0, 1e300) | st.floats(0, 500) | st.sampled_from([0.0, 1e-12, 1e9])
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds and adds the zone
LINES = st.builds(
    Line,
    NAMES,
    NAMES,
    NAMES,
    st.integers(0, 10**9),
    st.none() | MONEY,
    st.lists(NAMES | st.sampled_from(["spot", "windows", "multi-az"]), max_size=6).map(tuple),
    st.sampled_from([None, "list", "seed", "estimated", "else"]),
)
REFERENCES = st.builds(ResourceRef, NAMES, NAMES, NAMES, NAMES) | st.builds(
    ResourceRef,
    st.sampled_from(["us-east-1", "ap-southeast-1"]),
    st.sampled_from(["ec2", "rds", "lambda"]),
    NAMES,
    st.from_regex(r"(i|nat)-[0-9a-f]{17}|[a-z]{1,60}(:[a-z]{1,100})?", fullmatch=True),
    st.booleans(),
)


def swollen(part: Any, name: str) -> Any:
    """Return ``part`` with ``name`` for every text in it; what is one of few values stays."""
    if isinstance(part, str) and not isinstance(part, Enum):
        return name
    if isinstance(part, tuple):
        return tuple(swollen(one, name) for one in part)
    if isinstance(part, msgspec.Struct):
        changes = {field: swollen(getattr(part, field), name) for field in part.__struct_fields__}
        return msgspec.structs.replace(part, **changes)
    return part


@st.composite
def anomalies(draw: st.DrawFn) -> Anomaly:
    """Any incident, however hostile its names and however large its numbers."""
    resources = draw(st.lists(REFERENCES, max_size=30)) * draw(st.sampled_from([1, 1, 400]))
    user_ids = st.sampled_from(["U012AB", "W9"]) | NAMES
    return incident(
        account_id=draw(NAMES),
        actor=Actor(draw(NAMES), draw(st.sampled_from(ActorKind)), draw(NAMES)),
        status=draw(st.sampled_from(AnomalyStatus)),
        severity=draw(st.sampled_from(Severity)),
        signals=tuple(Signal("s", 1.0, text) for text in draw(st.lists(NAMES, max_size=9))),
        decision=Decision(DecisionKind.ALERT, draw(NAMES), draw(st.booleans())),
        lines=tuple(draw(st.lists(LINES, min_size=1, max_size=9))),
        resources=tuple(resources),
        running_ids=tuple(one.resource_id for one in resources),
        hourly_cost=draw(MONEY),
        running_hourly_cost=draw(MONEY),
        unknown_price=draw(st.booleans()),
        first_event_time=draw(MOMENTS),
        last_event_time=draw(MOMENTS),
        detected_at=draw(MOMENTS),
        source_ip=draw(NAMES),
        burnt_usd=draw(MONEY),
        burning_since=draw(MOMENTS),
        ended_at=draw(st.none() | MOMENTS),
        status_by=draw(user_ids),
        status_at=draw(st.none() | MOMENTS),
        snoozed_until=draw(st.none() | MOMENTS),
    )
