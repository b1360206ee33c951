"""Cards of every service whose calls are understood, with the command that stops what was started, if there is one."""

import pytest

from blocks.anomaly_card import anomaly_card
from engine.cloudtrail.registry import REGISTRY
from engine.models.anomaly import Line, ResourceRef
from tests.blocks.reports import accepted
from tests.blocks.rules import reading
from tests.blocks.samples import START, incident
from tests.unit.test_remediation_tables import EXAMPLES

SERVICES = sorted({source.partition(".")[0] for source, _ in REGISTRY})


def card_text(service: str, resource_type: str, resource_id: str) -> str:
    """What Slack is given of an incident that started one of these."""
    anomaly = incident(
        lines=(Line(service, resource_type, "us-east-1", 1, 48.96, (), "list"),),
        resources=(ResourceRef("us-east-1", service, resource_type, resource_id),),
        running_ids=(resource_id,),
    )
    return reading(accepted(anomaly_card(anomaly, account_name="prod", now=START, may_repeat=False)))


@pytest.mark.parametrize(("service", "resource_type", "resource_id", "stop", "_harder"), EXAMPLES)
def test_the_card_has_the_command(service: str, resource_type: str, resource_id: str, stop: str, _harder: str) -> None:
    text = card_text(service, resource_type, resource_id)
    assert resource_type in text
    assert f"*How to stop it*\n```aws {stop} " in text


@pytest.mark.parametrize("service", SERVICES)
def test_what_has_no_command_is_stopped_in_the_console(service: str) -> None:
    text = card_text(service, "of.a.kind", "no name; that AWS gives")
    assert f"*How to stop it*\nIn the AWS console: `{service}` in us-east-1" in text
