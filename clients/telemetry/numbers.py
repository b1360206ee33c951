"""Numbers for Prometheus, counted in this process."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from engine.models.metrics import METRICS, RECORD_LAG, Metric, MetricKind

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.02, 0.1, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0)
_LAG_SECONDS = (15.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 86_400.0)
_Collector = Counter | Gauge | Histogram


class PrometheusMeter:
    """Counts in a registry of its own, in memory; any thread may."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._collectors = {metric.name: self._collector(metric) for metric in METRICS}
        self._known: dict[tuple[object, ...], _Collector] = {}
        for metric in METRICS:
            self.begin(metric, metric.from_zero)

    def begin(self, metric: Metric, values: Iterable[str]) -> None:
        """Tell 0 for values of a metric's only label before anything was noted."""
        for value in values:
            self._collectors[metric.name].labels(value)

    def note(self, metric: Metric, amount: float = 1.0, **labels: str) -> None:
        """Add to a counter, set a gauge, or put seconds into a histogram. Raises ValueError for other labels."""
        key = (metric.name, *labels.items())
        one = self._known.get(key)
        if one is None:  # Looking labels up takes longer than counting.
            found = self._collectors[metric.name]
            one = self._known[key] = found.labels(**labels) if metric.labels else found
        if isinstance(one, Counter):
            one.inc(amount)
        elif isinstance(one, Gauge):
            one.set(amount)
        else:
            one.observe(amount)

    def ask(self, metric: Metric, how_much: Callable[[], float]) -> None:
        """Let a gauge without labels be asked for when somebody looks at it."""
        found = self._collectors[metric.name]
        if not isinstance(found, Gauge):
            raise TypeError(f"{metric.name} is no gauge")
        found.set_function(how_much)

    def forget(self, metric: Metric) -> None:
        """Tell nothing of a metric with labels until it is noted again."""
        self._collectors[metric.name].clear()
        self._known.clear()

    def render(self) -> bytes:
        """Everything in Prometheus's text format."""
        return generate_latest(self.registry)

    def _collector(self, metric: Metric) -> _Collector:
        if metric.kind is MetricKind.COUNTER:
            return Counter(metric.name, metric.text, metric.labels, registry=self.registry)
        if metric.kind is MetricKind.GAUGE:
            return Gauge(metric.name, metric.text, metric.labels, registry=self.registry)
        buckets = _LAG_SECONDS if metric is RECORD_LAG else _SECONDS
        return Histogram(metric.name, metric.text, metric.labels, buckets=buckets, registry=self.registry)
