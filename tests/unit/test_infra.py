"""What customers put into their accounts: it says the same everywhere, and asks for no more than is used."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.api import lint_file  # type: ignore[import-untyped] # it ships no types

from clients.aws.tried_calls import TRIED_CALLS
from engine.cloudtrail.precursors import may_foretell
from engine.cloudtrail.registry import REGISTRY
from engine.customer_role import ACTIONS, ROLE_NAME, feature_policies, tried_actions, trust_policy
from engine.models.connection import Feature
from services.quick_create import quick_create_url

INFRA = Path(__file__).parents[2] / "infra"
TEMPLATES = ["customer-role.yaml", "customer-role-stackset.yaml"]
WRITING = ("Create", "Delete", "Put", "Update", "Modify", "Run", "Start", "Stop", "Terminate", "Attach", "Pass", "Tag")


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as what stands behind them."""


def _short_form(loader: Any, _suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


Loader.add_multi_constructor("!", _short_form)


def parsed(template: str) -> Any:
    return yaml.load((INFRA / template).read_text(), Loader)  # noqa: S506 - it is a safe loader with tags of its own


def policies(template: str) -> dict[str, Any]:
    """The role's inline policies by name, whatever condition they stand under."""
    found = parsed(template)["Resources"]["Role"]["Properties"]["Policies"]
    return {one["PolicyName"]: one["PolicyDocument"] for one in (p[1] if isinstance(p, list) else p for p in found)}


@pytest.mark.parametrize("template", TEMPLATES)
def test_cfn_lint_finds_nothing(template: str) -> None:
    assert lint_file(INFRA / template) == []


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_templates_allow_what_the_guide_shows(template: str) -> None:
    shown = {one.feature.value: json.loads(one.policy) for one in feature_policies()}
    made = policies(template)
    assert {name: made[name] for name in shown} == shown


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_templates_trust_whom_the_guide_names(template: str) -> None:
    properties = parsed(template)["Resources"]["Role"]["Properties"]
    assert properties["AssumeRolePolicyDocument"] == json.loads(trust_policy("PrincipalArn", "ExternalId"))
    assert parsed(template)["Parameters"]["RoleName"]["Default"] == ROLE_NAME


def test_the_terraform_module_allows_the_same() -> None:
    actions = json.loads((INFRA / "terraform" / "actions.json").read_text())
    assert actions == {feature.value: list(names) for feature, names in ACTIONS.items()}


def test_rules_forward_every_service_whose_calls_mean_something() -> None:
    pattern = json.loads((INFRA / "terraform" / "event-pattern.json").read_text())
    sources = set(pattern["detail"]["eventSource"])
    assert {source for source, _ in REGISTRY} <= sources
    assert may_foretell("servicequotas.amazonaws.com", "RequestServiceQuotaIncrease")
    assert {"servicequotas.amazonaws.com", "account.amazonaws.com"} <= sources
    assert len(json.dumps(pattern)) < 2048  # EventBridge takes no longer one.
    for template in TEMPLATES:
        assert parsed(template)["Resources"]["ForwardingRule"]["Properties"]["EventPattern"] == pattern


def test_regions_say_that_their_way_is_open_to_where_their_calls_are_forwarded() -> None:
    for template in TEMPLATES:
        rules = parsed(template)["Resources"]
        beat, forwarding = (rules[name]["Properties"] for name in ("HeartbeatRule", "ForwardingRule"))
        assert beat["ScheduleExpression"] == "rate(1 hour)"
        assert beat["Targets"] == forwarding["Targets"]
        assert rules["HeartbeatRule"]["Condition"] == "WithEvents"
    terraform = (INFRA / "terraform" / "main.tf").read_text()
    assert 'schedule_expression = "rate(1 hour)"' in terraform
    assert terraform.count("arn      = var.event_bus_arn") == 2


def test_nothing_is_asked_for_that_changes_anything() -> None:
    for actions in ACTIONS.values():
        assert list(actions) == sorted(set(actions))
        assert not [one for one in actions if one.partition(":")[2].startswith(WRITING)]


def test_everything_that_is_asked_for_is_tried() -> None:
    optional = [feature for feature in ACTIONS if feature is not Feature.WATCH]
    assert {action for feature in optional for action in tried_actions(feature)} == set(TRIED_CALLS)


def test_the_link_fills_in_what_the_template_asks_for() -> None:
    url = quick_create_url(
        "https://b.s3.amazonaws.com/v1/t.yaml",
        external_id="a+b",
        principal_arn="arn:aws:iam::1:role/x",
        role_name=ROLE_NAME,
    )
    assert "templateURL=https%3A%2F%2Fb.s3.amazonaws.com%2Fv1%2Ft.yaml" in url
    named = {part.partition("=")[0].removeprefix("param_") for part in url.split("?")[-1].split("&")}
    assert named - {"templateURL", "stackName"} <= set(parsed(TEMPLATES[0])["Parameters"])
    assert "param_ExternalId=a%2Bb" in url


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_the_terraform_module_is_formatted() -> None:
    done = subprocess.run(  # noqa: S603 - nothing of it comes from outside
        ["terraform", "fmt", "-check", "-recursive", str(INFRA / "terraform")],  # noqa: S607 - as it is on the PATH
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
