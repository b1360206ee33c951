"""Metrics, their documentation, the dashboard and the alert rules speak of the same numbers."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import yaml

from engine.models import metrics
from engine.models.metrics import METRICS, Metric, MetricKind

ROOT = Path(__file__).parent.parent.parent
_SERIES = re.compile(r"\b(dd0c_[a-z0-9_]+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')
_BY = re.compile(r"\bby \(([^)]*)\)")
_FILLED_IN = re.compile(r"\{\{\s*(?:\$labels\.)?(\w+)\s*}}")
_OF_PROMETHEUS = {"job", "instance"}


def exported(metric: Metric) -> set[str]:
    if metric.kind is MetricKind.HISTOGRAM:
        return {f"{metric.name}{end}" for end in ("_bucket", "_count", "_sum")}
    return {metric.name}


NAMED = {name: one for name, one in vars(metrics).items() if isinstance(one, Metric)}
SERIES = {name: metric for metric in METRICS for name in exported(metric)}


def faults(expression: str) -> list[str]:
    """What an expression asks for that the code does not export."""
    found = []
    for name, matchers in _SERIES.findall(expression):
        if name not in SERIES:
            found.append(name)
        else:
            found += [label for label in _MATCHER.findall(matchers) if label not in labels_of(name)]
            found += [label for label in grouped_by(expression) if label not in labels_of(name)]
    return found


def labels_of(name: str) -> set[str]:
    return {*SERIES[name].labels, *(["le"] if name.endswith("_bucket") else [])}


def grouped_by(expression: str) -> set[str]:
    return {label.strip() for labels in _BY.findall(expression) for label in labels.split(",")}


def unfilled(text: str, expression: str) -> set[str]:
    """Labels that a text fills in and that its expression does not leave: what ``sum by`` names, or what there is."""
    left = grouped_by(expression) or {label for name, _ in _SERIES.findall(expression) for label in labels_of(name)}
    return set(_FILLED_IN.findall(text)) - left


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
    assert [unfilled(text, rule["expr"]) for rule in rules() for text in rule["annotations"].values() if "{{" in text]
    assert not any(unfilled(text, rule["expr"]) for rule in rules() for text in rule["annotations"].values())
    assert len({rule["alert"] for rule in rules()}) == len(rules())


def test_the_dashboard_shows_every_metric_and_no_other() -> None:
    targets = [target for panel in panels() for target in panel["targets"]]
    assert not any(unfilled(target["legendFormat"], target["expr"]) for target in targets)
    expressions = [target["expr"] for target in targets]
    assert [fault for one in expressions for fault in faults(one)] == []
    shown = {SERIES[name].name for one in expressions for name, _ in _SERIES.findall(one)}
    assert shown == {metric.name for metric in METRICS}


def counted(text: str) -> list[tuple[str, set[str | None]]]:
    """What a module counts, as the names of the metric and of its labels."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and node.args]
    return [
        (call.args[0].id, {label.arg for label in call.keywords})
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"note", "ask"}
        if isinstance(call.args[0], ast.Name) and call.args[0].id in NAMED
    ]


def test_every_metric_is_counted_by_the_code_with_its_labels() -> None:
    homes = ("bot", "clients", "handlers", "scheduler", "services")
    texts = [path.read_text() for home in homes for path in (ROOT / home).rglob("*.py")]
    calls = [call for text in texts if "engine.models.metrics import" in text for call in counted(text)]
    assert len(NAMED) == len(METRICS)
    assert {name for name, _ in calls} == NAMED.keys()
    assert [(name, labels) for name, labels in calls if labels != set(NAMED[name].labels)] == []


def test_a_rule_about_a_number_that_is_not_there_is_found() -> None:
    assert faults('rate(dd0c_gone_total{outcome="x"}[5m])') == ["dd0c_gone_total"]
    assert faults('dd0c_records_total{tenant!="x"}') == ["tenant"]
    assert sorted(faults("sum by (le, job) (rate(dd0c_records_total[5m]))")) == ["job", "le"]
    assert unfilled("{{ $labels.flag }} of {{outcome}}", "sum by (flag) (dd0c_records_total)") == {"outcome"}


def test_no_label_has_a_name_that_prometheus_gives() -> None:
    assert [metric.name for metric in METRICS if _OF_PROMETHEUS & set(metric.labels)] == []
