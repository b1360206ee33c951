"""Streams, brokers and logs."""

from engine.zombies.models import Confidence, Idle, Need
from engine.zombies.rule import Look, Rule, unused

RECORDS = Need(name="records", namespace="AWS/Kinesis", metric="IncomingRecords", statistic="Sum", is_sparse=True)
MESSAGES = Need(name="messages", namespace="AWS/Kafka", metric="BytesInPerSec", statistic="Maximum")


def judge_stream(look: Look) -> Idle | None:
    """A stream into which nothing is put.

    >>> from engine.zombies.examples import look_at
    >>> look_at("stream", records=(None,) * 7, judge=judge_stream).evidence
    ('0 records came in for 7 days',)
    """
    return unused(look, look.limits.stream_days, "0 records came in for {days} days", RECORDS)


def judge_kafka(look: Look) -> Idle | None:
    """A cluster of brokers into which nothing is written.

    >>> from engine.zombies.examples import look_at
    >>> look_at("kafka", messages=(0.0,) * 7, judge=judge_kafka).evidence
    ('0 bytes came in for 7 days',)
    """
    return unused(look, look.limits.kafka_days, "0 bytes came in for {days} days", MESSAGES)


def judge_log_group(look: Look) -> Idle | None:
    """A log group that keeps everything for ever.

    >>> from engine.zombies.examples import look_at
    >>> look_at("log_group", numbers={"gb": 12.5}, judge=judge_log_group).evidence
    ('keeps everything for ever, 12.5 GB so far',)
    """
    stored = look.resource.numbers.get("gb", 0.0)
    if "retention" in look.resource.traits or stored < look.limits.log_group_gb:
        return None
    return Idle(evidence=(f"keeps everything for ever, {stored:,.1f} GB so far",), confidence=Confidence.LOW)


RULES: tuple[Rule, ...] = (
    Rule(
        name="stream_unused",
        kind="stream",
        title="unused Kinesis stream",
        source="Trusted Advisor",
        threshold="0 records in, {stream_days} days",
        judge=judge_stream,
        needs=(RECORDS,),
        commands=(
            "kinesis update-stream-mode --stream-arn {sharded} --stream-mode-details StreamMode=ON_DEMAND",
            "kinesis delete-stream --stream-name {id}",
        ),
    ),
    Rule(
        name="kafka_unused",
        kind="kafka",
        title="unused MSK cluster",
        source="Trusted Advisor",
        threshold="0 bytes in, {kafka_days} days",
        judge=judge_kafka,
        needs=(MESSAGES,),
        # Brokers can neither be stopped nor made smaller.
        commands=("kafka delete-cluster --cluster-arn {arn}",),
    ),
    Rule(
        name="log_group_for_ever",
        kind="log_group",
        title="log group without an end",
        source="thrifty",
        threshold="no retention, {log_group_gb:g} GB at least",
        judge=judge_log_group,
        commands=("logs put-retention-policy --log-group-name {id} --retention-in-days 90",),
    ),
)
