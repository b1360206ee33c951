"""One trace from a record to its card, over queue and outbox, and nothing in it that names anybody."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from clients.aws.sqs_messages import Received, body_of, item_of
from clients.slack.connect import slack_client, slack_session
from clients.slack.notifier import SlackNotifier
from clients.slack.spacing import ChannelSpacing
from clients.telemetry.calls import SlackCalls
from clients.telemetry.connect import RememberedSpans, Span
from clients.telemetry.numbers import PrometheusMeter
from demo.trace_tree import draw, is_whole, trace_of_a_card
from engine.account_state import Scored
from engine.errors import Conflict, UpstreamError
from engine.examples import FlatPrices, launch
from engine.models.work import WorkItem
from services.inbox import InboxReader
from services.intake import Intake
from services.judging import SPAN, Traced, tell
from services.receiving import Receiver
from tests.demo.aws_world import NOW
from tests.fixtures.free_turns import FreeTurns
from tests.services.scene import Scene
from tests.services.world import ACCOUNT, MINUTE, TENANT, stranger

ATTRIBUTES = {
    "cost.account_id_hash",
    "cost.service",
    "cost.anomaly_score",
    "cost.z_score",
    "cost.instance_novelty",
    "cost.actor_novelty",
    "cost.alert_triggered",
    "cost.baseline_days",
    "cost.fast_path_triggered",
    "cost.hourly_rate",
}


@pytest.fixture
def spans() -> RememberedSpans:
    return RememberedSpans(b"a key")


def traced_intake(scene: Scene, spans: RememberedSpans) -> Intake:
    store = scene.world.store
    return Intake(store.ledger, store.accounts, FlatPrices(), scene.world.clock, tracer=spans.tracer)


def over_sqs(item: WorkItem) -> WorkItem:
    """The item as another process receives it."""
    return item_of(Received("m-1", "r-1", item.account_id, 1, datetime.fromtimestamp(NOW, UTC), body_of(item)))


def told_by(spans: Sequence[Span]) -> str:
    """All that leaves the process with these spans."""
    return "\n".join(span.to_json() for span in spans)


def of_name(spans: RememberedSpans, name: str) -> list[Span]:
    return [span for span in spans.finished() if span.name == name]


async def receive_and_ingest(scene: Scene, spans: RememberedSpans, records: Sequence[Any]) -> None:
    """Push records, let the work item travel over SQS, and let a worker bring them into effect."""
    world = scene.world
    shared: dict[str, Any] = {
        "inbox": world.store.inbox,
        "accounts": world.store.accounts,
        "queue": world.queue,
        "clock": world.clock,
        "tracer": spans.tracer,
    }
    body = "\n".join(map(json.dumps, records)).encode()
    await Receiver(lookups=world.store.system, **shared).receive("push", [body], TENANT)
    item = over_sqs(world.queue.items.pop())
    reader = InboxReader(intake=traced_intake(scene, spans), **shared)
    with spans.tracer.span("work ingest", parent=item.trace):
        await reader.ingest(item.tenant_id, item.account_id)


async def test_a_record_leads_to_its_card_in_one_trace(scene: Scene, spans: RememberedSpans) -> None:
    await receive_and_ingest(scene, spans, [scene.world.launch(40, "p4d.24xlarge", actor=stranger(0))])
    calls = SlackCalls(spans.tracer, PrometheusMeter(), scene.slack.api_url)
    async with slack_session(trace_configs=[calls.trace_config()]) as session:
        client = slack_client(scene.slack.bot_token, scene.slack.api_url, session)

        async def client_for(_tenant_id: str) -> Any:
            return client

        sender = scene.new_sender()
        notifier = SlackNotifier(client_for, ChannelSpacing(FreeTurns()), scene.world.clock)
        sender._notifier, sender._tracer = notifier, spans.tracer  # noqa: SLF001 - a scene's sender, but watched
        assert await sender.deliver_due() == 1
    found = trace_of_a_card(spans.finished())
    assert is_whole(found)
    assert {"receive", "work ingest", "inbox", "intake", SPAN, "commit", "deliver_card", "slack chat.postMessage"} <= {
        span.name for span in found
    }
    told = told_by(spans.finished())
    channel = (await scene.world.store.tenants.find_tenant(TENANT)).alert_channel_id
    for secret in (ACCOUNT, "stranger", TENANT, scene.slack.bot_token, channel):
        assert secret
        assert secret not in told
    lines = list(draw(found))
    assert sum("slack chat.postMessage" in line for line in lines) == 1


async def test_every_event_scored_has_a_span_with_all_that_is_promised(scene: Scene, spans: RememberedSpans) -> None:
    launches = [scene.world.launch(1, actor=stranger(number), ago=(9 - number) * MINUTE) for number in range(5)]
    await traced_intake(scene, spans).ingest(TENANT, ACCOUNT, [json.dumps(one).encode() for one in launches])
    scored = of_name(spans, SPAN)
    assert len(scored) == 5
    assert all(set(span.attributes or {}) >= ATTRIBUTES for span in scored)


async def test_a_span_says_whether_somebody_was_told_and_whether_by_the_safety_net(
    scene: Scene, spans: RememberedSpans
) -> None:
    cheap, dear = scene.world.launch(1, actor=stranger(0)), scene.world.launch(40, "p4d.24xlarge", actor=stranger(1))
    for one in (cheap, dear):
        await traced_intake(scene, spans).ingest(TENANT, ACCOUNT, [json.dumps(one).encode()])
    found = [span.attributes or {} for span in of_name(spans, SPAN)]
    said = [(one["cost.alert_triggered"], one["cost.fast_path_triggered"]) for one in found]
    assert said == [(False, False), (True, True)]
    assert found[0]["cost.actor_hash"] != found[1]["cost.actor_hash"]


def test_a_span_says_what_scoring_saw(spans: RememberedSpans) -> None:
    event = launch(hourly_cost=3.5)
    scored = Scored(
        event=event, score=1.5, z_score=2.5, instance_novelty=0.25, actor_novelty=0.75, baseline_days=9.0, told=True
    )
    tell([Traced(1, 2, [scored])], spans.tracer)
    [span] = of_name(spans, SPAN)
    assert dict(span.attributes or {}) == {
        "cost.account_id_hash": spans.tracer.keyed(event.account_id),
        "cost.actor_hash": spans.tracer.keyed(event.actor.key),
        "cost.service": "ec2",
        "cost.anomaly_score": 1.5,
        "cost.z_score": 2.5,
        "cost.instance_novelty": 0.25,
        "cost.actor_novelty": 0.75,
        "cost.alert_triggered": True,
        "cost.baseline_days": 9.0,
        "cost.fast_path_triggered": False,
        "cost.hourly_rate": 3.5,
    }


@pytest.mark.parametrize("fault", [Conflict("another batch was faster"), UpstreamError("the database is away")])
async def test_what_is_judged_again_has_one_span_all_the_same(
    scene: Scene, spans: RememberedSpans, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """Whether the same batch tries once more or comes once more: what was judged in vain leaves none."""
    commit, faults = scene.world.store.ledger.commit, [fault]

    async def failing_once(*given: Any) -> None:
        if faults:
            raise faults.pop()
        await commit(*given)

    monkeypatch.setattr(scene.world.store.ledger, "commit", failing_once)
    batch = [json.dumps(scene.world.launch(1, actor=stranger(number))).encode() for number in range(3)]
    if isinstance(fault, UpstreamError):
        with pytest.raises(UpstreamError):
            await traced_intake(scene, spans).ingest(TENANT, ACCOUNT, batch)
        assert of_name(spans, SPAN) == []
    await traced_intake(scene, spans).ingest(TENANT, ACCOUNT, batch)
    scored = of_name(spans, SPAN)
    assert len(scored) == 3
    (committed,) = [span for span in of_name(spans, "commit") if span.status.is_unset]
    assert all((span.end_time or 0) <= (committed.start_time or 0) for span in scored)


async def test_no_span_names_an_account_an_actor_or_a_token(scene: Scene, spans: RememberedSpans) -> None:
    await receive_and_ingest(scene, spans, [scene.world.launch(40, "p4d.24xlarge", actor=stranger(0))])
    told = told_by(spans.finished())
    for secret in (ACCOUNT, "stranger", TENANT, scene.slack.bot_token, "192.0.2.10"):
        assert secret not in told
    assert spans.tracer.keyed(ACCOUNT) in told


async def test_an_error_marks_its_span_by_type_and_not_by_text(spans: RememberedSpans) -> None:
    with pytest.raises(KeyError), spans.tracer.span("work"):
        raise KeyError("maria@acme.example")
    (span,) = spans.finished()
    assert span.status.description == "KeyError"
    assert "maria" not in told_by([span])


async def test_another_key_gives_other_hashes(spans: RememberedSpans) -> None:
    assert RememberedSpans(b"another").tracer.keyed(ACCOUNT) != spans.tracer.keyed(ACCOUNT)
