"""Wiring of what lets the bot be watched at work: traces, numbers, and where they go."""

import os
from collections.abc import Awaitable, Callable, Sequence

import aiohttp
import msgspec
from aiohttp import web

from bot.metrics import CloudWatch, Meters
from bot.scraping import Scraping
from bot.telemetry_settings import TelemetrySettings
from clients.aws.sqs_operator import SqsOperator
from clients.telemetry.calls import MongodbCommands, SlackCalls
from clients.telemetry.connect import connect_tracer
from clients.telemetry.numbers import CONTENT_TYPE, PrometheusMeter
from engine.flags import Flag
from engine.models.metrics import BREAKERS_OPENED
from handlers.web import metrics
from services.ports.watching import Meter, Tracer
from services.unwatched import NO_TRACER

_KEY_BYTES = 32


async def _nothing() -> None:
    """There is nothing to close."""


class Telemetry(msgspec.Struct, frozen=True):
    """``numbers`` counts in this process, ``meter`` is whom all tell, and ``close`` sends what waits."""

    tracer: Tracer
    numbers: PrometheusMeter
    meter: Meter
    cloudwatch: CloudWatch | None = None
    close: Callable[[], Awaitable[None]] = _nothing

    def slack_calls(self, base_url: str) -> Sequence[aiohttp.TraceConfig]:
        """What watches the session that calls Slack."""
        return [SlackCalls(self.tracer, self.meter, base_url).trace_config()]

    def mongodb_commands(self) -> MongodbCommands:
        """What hears of each command to the database."""
        return MongodbCommands(self.tracer, self.meter)


def build_telemetry(settings: TelemetrySettings, *, emf: bool, tracer: Tracer | None = None) -> Telemetry:
    """Give what is told of itself. Without an endpoint, and without a ``tracer`` that is given, there are no traces."""
    numbers = PrometheusMeter()
    numbers.begin(BREAKERS_OPENED, Flag)
    cloudwatch = CloudWatch() if emf else None
    meter = Meters([numbers, cloudwatch]) if cloudwatch else numbers
    if tracer is not None or settings.otlp_endpoint is None:
        return Telemetry(tracer=tracer or NO_TRACER, numbers=numbers, meter=meter, cloudwatch=cloudwatch)
    exporting, close = connect_tracer(
        settings.otlp_endpoint,
        settings.trace_key.get_secret_value().encode() or os.urandom(_KEY_BYTES),
        service_name=settings.service_name,
        ratio=settings.sample_ratio,
        headers=settings.otlp_header_map(),
        timeout_seconds=settings.otlp_timeout_ms / 1000,
    )
    return Telemetry(tracer=exporting, numbers=numbers, meter=meter, cloudwatch=cloudwatch, close=close)


def register_metrics(
    app: web.Application, telemetry: Telemetry, settings: TelemetrySettings, operator: SqsOperator | None
) -> None:
    """Add ``/metrics``. ``operator`` looks at the queue between processes, if there is one."""
    token = settings.metrics_token.get_secret_value()
    metrics.register(app, Scraping(telemetry.numbers, operator).render, CONTENT_TYPE, token)
