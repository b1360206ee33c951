"""Spans over OTLP, numbers for Prometheus, and what is told of calls."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.telemetry_settings import TelemetrySettings
from bot.wiring.telemetry import build_telemetry
from clients.slack.connect import slack_client, slack_session
from clients.telemetry.calls import SlackCalls
from clients.telemetry.connect import RememberedSpans, connect_tracer
from clients.telemetry.numbers import PrometheusMeter
from demo.slack_workspace import SlackWorkspace
from engine.models.metrics import METRICS, QUEUE, RECORDS, SHARED_QUEUE


@asynccontextmanager
async def collector() -> AsyncIterator[tuple[str, list[web.Request]]]:
    """A collector that takes everything."""
    taken: list[web.Request] = []

    async def take(request: web.Request) -> web.Response:
        await request.read()
        taken.append(request)
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", taken
    finally:
        await runner.cleanup()


async def exported(ratio: float) -> list[web.Request]:
    async with collector() as (url, taken):
        tracer, close = connect_tracer(
            url, b"key", service_name="x", ratio=ratio, headers={"authorization": "Bearer t"}, timeout_seconds=5
        )
        for _ in range(20):
            with tracer.span("work"):
                pass
        await close()
        return taken


async def test_spans_go_to_the_collector_together_with_its_headers() -> None:
    (request,) = await exported(1.0)
    assert request.headers["Authorization"] == "Bearer t"
    assert (await request.read()).count(b"work") == 20


async def test_what_is_not_sampled_is_not_exported() -> None:
    assert await exported(0.0) == []


async def test_a_parent_that_was_not_sampled_leaves_its_children_out() -> None:
    spans = RememberedSpans(b"key")
    with spans.tracer.span("child", parent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"):
        assert not spans.tracer.is_recording()
    assert spans.finished() == ()


@given(st.text(max_size=80))
def test_an_unreadable_parent_begins_a_trace_of_its_own(parent: str) -> None:
    spans = RememberedSpans(b"key")
    with spans.tracer.span("work", parent=parent, links=[parent]):
        pass
    assert len(spans.finished()) == 1


async def test_tasks_side_by_side_keep_to_their_own_spans() -> None:
    spans = RememberedSpans(b"key")

    async def work(name: str) -> str:
        with spans.tracer.span(name):
            await asyncio.sleep(0)
            return spans.tracer.traceparent()

    first, second = await asyncio.gather(work("a"), work("b"))
    assert first.split("-")[1] != second.split("-")[1]


async def test_what_slack_refuses_is_told_by_its_code_and_counted() -> None:
    spans, meter = RememberedSpans(b"key"), PrometheusMeter()
    async with SlackWorkspace(team_name="acme") as slack:
        calls = SlackCalls(spans.tracer, meter, slack.api_url)
        async with slack_session(trace_configs=[calls.trace_config()]) as session:
            client = slack_client("xoxb-wrong-token", slack.api_url, session)
            with spans.tracer.span("here"), pytest.raises(Exception, match="invalid_auth"):
                await client.auth_test()
    call = spans.finished()[0]
    assert (call.name, (call.attributes or {})["slack.error"]) == ("slack auth.test", "invalid_auth")
    assert "xoxb" not in call.to_json()
    labels = '{method="auth.test",outcome="refused"}'
    assert f"dd0c_slack_call_seconds_count{labels} 1.0" in meter.render().decode()


def test_an_error_that_passes_is_named_by_its_type_alone() -> None:
    spans = RememberedSpans(b"key")
    with pytest.raises(LookupError), spans.tracer.span("here"):
        raise LookupError("Maria")
    [span] = spans.finished()
    assert (span.status.description, span.events) == ("LookupError", ())
    assert "Maria" not in span.to_json()


async def test_a_call_that_is_not_answered_is_counted() -> None:
    meter = PrometheusMeter()
    calls = SlackCalls(RememberedSpans(b"key").tracer, meter, "http://127.0.0.1:9/api/")
    async with slack_session(trace_configs=[calls.trace_config()]) as session:
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the client makes of it
            await slack_client("t", "http://127.0.0.1:9/api/", session).auth_test()
    assert 'outcome="unanswered"} 1.0' in meter.render().decode()


def test_every_metric_can_be_noted_and_is_rendered() -> None:
    meter = PrometheusMeter()
    for metric in METRICS:
        meter.note(metric, 2.0, **dict.fromkeys(metric.labels, "x"))
    text = meter.render().decode()
    assert all(f"# HELP {metric.name}" in text for metric in METRICS)


def test_a_counter_that_alerts_wait_for_is_there_before_it_grows() -> None:
    """A series that appears as 1 has not grown for Prometheus: its first breaker or lost card would alert nobody."""
    text = build_telemetry(TelemetrySettings(), emf=False).numbers.render().decode()
    for series in (
        'breakers_opened_total{flag="young_creep"}',
        'cards_total{outcome="dead"}',
        'records_total{outcome="read"}',
    ):
        assert f"dd0c_{series} 0.0" in text


def test_what_is_forgotten_is_not_told_until_it_is_noted_again() -> None:
    meter = PrometheusMeter()
    meter.note(SHARED_QUEUE, 3, state="dead")
    meter.forget(SHARED_QUEUE)
    assert "dd0c_shared_queue_messages{" not in meter.render().decode()
    meter.note(SHARED_QUEUE, 4, state="dead")
    assert 'dd0c_shared_queue_messages{state="dead"} 4.0' in meter.render().decode()


def test_a_label_that_a_metric_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="label"):
        PrometheusMeter().note(RECORDS, tenant="t-1")


def test_a_gauge_is_asked_when_somebody_looks() -> None:
    meter = PrometheusMeter()
    meter.ask(QUEUE, lambda: 7)
    assert "dd0c_queue_items 7.0" in meter.render().decode()
    with pytest.raises(TypeError):
        meter.ask(RECORDS, lambda: 7)


def test_no_label_names_a_tenant_or_an_account() -> None:
    assert not {label for metric in METRICS for label in metric.labels} & {"tenant", "account", "actor", "user", "team"}
