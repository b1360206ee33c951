"""Every number the bot tells of itself. No label names a tenant, an account or a person: their values are few."""

from enum import StrEnum

import msgspec

from engine.models.delivery import DeliveryState


class MetricKind(StrEnum):
    """A counter only grows, a gauge says how much there is now, a histogram spreads seconds over buckets."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(msgspec.Struct, frozen=True):
    """What is counted. ``name`` is as it is exported; ``labels`` are the names of its labels.

    None is called ``job`` or ``instance``: Prometheus calls by these what it asks, and ours would be ``exported_job``.
    ``from_zero`` are values of its only label that are told as 0 before the first: what appears as 1 has not grown, as
    Prometheus sees it, and an alert that waits for growth would miss it.
    """

    name: str
    kind: MetricKind
    text: str
    labels: tuple[str, ...] = ()
    from_zero: tuple[str, ...] = ()


_COUNTER, _GAUGE, _HISTOGRAM = MetricKind.COUNTER, MetricKind.GAUGE, MetricKind.HISTOGRAM

RECORDS = Metric(
    "dd0c_records_total",
    _COUNTER,
    "CloudTrail records taken in, and what they were",
    ("outcome",),
    ("read", "malformed", "cost_event"),
)
RECORD_LAG = Metric("dd0c_record_lag_seconds", _HISTOGRAM, "From a record's own time to the commit of its effects")
ANOMALIES = Metric(
    "dd0c_anomalies_total", _COUNTER, "Anomalies by what was decided about them", ("decision", "severity")
)
CARDS = Metric(
    "dd0c_cards_total",
    _COUNTER,
    "Tries to bring a card to Slack, and what came of them",
    ("outcome",),
    tuple(state.value for state in DeliveryState if state is not DeliveryState.SENDING),
)
WORK = Metric("dd0c_work_seconds", _HISTOGRAM, "Work items, by kind and outcome", ("kind", "outcome"))
QUEUE = Metric("dd0c_queue_items", _GAUGE, "Work that waits or is in work in this process")
SHARED_QUEUE = Metric(
    "dd0c_shared_queue_messages",
    _GAUGE,
    "Messages on the queue between processes, as SQS counts them; every process tells the same",
    ("state",),
)
BREAKERS_OPENED = Metric(
    "dd0c_breakers_opened_total",
    _COUNTER,
    "Times that a rule on trial was switched off for raising too much",
    ("flag",),
)
JOBS = Metric("dd0c_job_seconds", _HISTOGRAM, "Turns of the scheduler's jobs", ("job_name", "outcome"))
SLACK_CALLS = Metric("dd0c_slack_call_seconds", _HISTOGRAM, "Calls of Slack's Web API", ("method", "outcome"))
SLACK_AT_WORK = Metric(
    "dd0c_slack_listeners", _GAUGE, "Commands, clicks and events of Slack's that this process has not done with yet"
)
SLACK_REFUSED = Metric(
    "dd0c_slack_refused_total",
    _COUNTER,
    "Commands, clicks and events of Slack's for which there was no room",
    ("kind",),
    ("command", "click", "event"),
)
MONGODB_COMMANDS = Metric(
    "dd0c_mongodb_command_seconds", _HISTOGRAM, "Commands to MongoDB as the driver saw them", ("command", "outcome")
)
HTTP_REQUESTS = Metric("dd0c_http_request_seconds", _HISTOGRAM, "Requests answered", ("method", "route", "status"))

METRICS = (
    RECORDS,
    RECORD_LAG,
    ANOMALIES,
    CARDS,
    WORK,
    QUEUE,
    SHARED_QUEUE,
    BREAKERS_OPENED,
    JOBS,
    SLACK_CALLS,
    SLACK_AT_WORK,
    SLACK_REFUSED,
    MONGODB_COMMANDS,
    HTTP_REQUESTS,
)
