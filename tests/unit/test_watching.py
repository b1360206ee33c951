"""Metrics, their documentation, the dashboard and the alert rules speak of the same numbers."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from engine.models import metrics
from engine.models.metrics import METRICS, Metric, MetricKind

ROOT = Path(__file__).parent.parent.parent
_SERIES = re.compile(r"\b(dd0c_[a-z0-9_]+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)=~?"([^"]*)"')


def exported(metric: Metric) -> set[str]:
    if metric.kind is MetricKind.HISTOGRAM:
        return {f"{metric.name}{end}" for end in ("_bucket", "_count", "_sum")}
    return {metric.name}


SERIES = {name: metric for metric in METRICS for name in exported(metric)}


def faults(expression: str) -> list[str]:
    """What an expression asks for that the code does not export."""
    found = []
    for name, matchers in _SERIES.findall(expression):
        if name not in SERIES:
            found.append(name)
        else:
            found += [label for label, _ in _MATCHER.findall(matchers) if label not in SERIES[name].labels]
    return found


def rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((ROOT / "infra" / "prometheus-rules.yaml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((ROOT / "infra" / "grafana-dashboard.json").read_text())["panels"]
    return found


def test_every_metric_is_documented_and_no_other() -> None:
    text = (ROOT / "docs" / "operations.md").read_text().split("## Numbers for Prometheus")[1].split("\n## ")[0]
    rows = [row.split("|") for row in text.splitlines() if row.startswith("| `dd0c_")]
    assert [row[1].strip().strip("`") for row in rows] == [metric.name for metric in METRICS]
    for metric, row in zip(METRICS, rows, strict=True):
        assert row[2].strip() == metric.kind.value
        assert all(f"`{label}`" in row[3] for label in metric.labels)


def test_alert_rules_ask_for_what_there_is() -> None:
    assert [fault for rule in rules() for fault in faults(rule["expr"])] == []
    assert all(rule["expr"].count("(") == rule["expr"].count(")") for rule in rules())
    assert all({"summary", "action"} <= set(rule["annotations"]) for rule in rules())
    assert len({rule["alert"] for rule in rules()}) == len(rules())


def test_the_dashboard_shows_every_metric_and_no_other() -> None:
    expressions = [target["expr"] for panel in panels() for target in panel["targets"]]
    assert [fault for one in expressions for fault in faults(one)] == []
    shown = {SERIES[name].name for one in expressions for name, _ in _SERIES.findall(one)}
    assert shown == {metric.name for metric in METRICS}


def test_every_metric_is_counted_by_the_code() -> None:
    homes = ("bot", "clients", "handlers", "scheduler", "services")
    code = "\n".join(path.read_text() for home in homes for path in (ROOT / home).rglob("*.py"))
    names = {name for name, one in vars(metrics).items() if isinstance(one, Metric)}
    assert len(names) == len(METRICS)
    assert {name for name in names if not re.search(rf"\.(?:note|ask)\(\s*{name}\b", code)} == set()


def test_a_rule_about_a_number_that_is_not_there_is_found() -> None:
    assert faults('rate(dd0c_gone_total{outcome="x"}[5m])') == ["dd0c_gone_total"]
    assert faults('dd0c_records_total{tenant="x"}') == ["tenant"]
