"""The list for a suspected leaked key: who gets it, in which order, and that AWS has every command."""

import json
import shlex

import msgspec
import pytest
from botocore.session import Session

from blocks.leaked_key import leaked_key, leaked_key_line
from engine.models.anomaly import AnomalyStatus, Signal
from engine.models.cost_event import Actor, ActorKind
from engine.remediation.leaked_key import KEY_ID, leaked_key_steps
from tests.blocks.samples import LEAKED_KEY, incident

USER = "arn:aws:iam::123456789012:user/{}"


def of_actor(key: str) -> list[str]:
    actor = Actor(key, ActorKind.PERSON, "somebody")
    return [step.command for step in leaked_key_steps(incident(actor=actor))]


def test_the_key_comes_first_and_other_regions_last() -> None:
    commands = [step.command for step in leaked_key_steps(LEAKED_KEY)]
    assert [" ".join(command.split()[1:3]) for command in commands] == [
        "iam list-access-keys",
        "iam update-access-key",
        "iam put-user-policy",
        "",
        "ec2 describe-regions",
        "cloudtrail lookup-events",
    ]
    assert commands[1] == (
        f"aws iam update-access-key --user-name ci-deploy --access-key-id {KEY_ID} --status Inactive"
    )
    words = shlex.split(commands[2])
    [statement] = json.loads(words[words.index("--policy-document") + 1])["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "*")


def test_aws_has_every_operation_with_these_parameters() -> None:
    session = Session()
    for step in leaked_key_steps(LEAKED_KEY):
        if not step.command:
            continue
        _, service, name, *words = shlex.split(step.command)
        model = session.get_service_model(service)
        operation = "".join(part.capitalize() for part in name.split("-"))
        shape = model.operation_model(operation).input_shape
        assert shape is not None
        used = {"".join(part.capitalize() for part in word[2:].split("-")) for word in words if word.startswith("--")}
        assert used - {"Region", "Query", "Output"} <= set(shape.members)
        assert set(shape.required_members) <= used


@pytest.mark.parametrize(
    "key",
    [
        "arn:aws:sts::123456789012:assumed-role/deploy",
        "123456789012:root",
        USER.format(""),
        USER.format("-rf"),
        USER.format("a b; rm -rf /"),
        USER.format("x" * 65),
        USER.format("a\n"),
    ],
)
def test_who_has_no_key_or_no_name_that_aws_gives_gets_no_list(key: str) -> None:
    assert of_actor(key) == []


def test_a_path_is_no_part_of_the_name() -> None:
    assert "--user-name ann" in of_actor(USER.format("teams/data/ann"))[0]


def test_the_usual_launch_of_a_user_and_an_expected_one_suspect_nobody() -> None:
    usual = msgspec.structs.replace(LEAKED_KEY, signals=(Signal("cost", 2.0, "It costs much."),))
    expected = msgspec.structs.replace(LEAKED_KEY, status=AnomalyStatus.EXPECTED)
    assert leaked_key_steps(usual) == leaked_key_steps(expected) == ()


def test_the_details_show_the_steps_numbered() -> None:
    shown = str(leaked_key(LEAKED_KEY))
    assert "1. See which keys there are" in shown
    assert "4. Stop what was started" in shown
    assert "aws iam put-user-policy --user-name ci-deploy" in shown
    assert leaked_key(incident(signals=())) == []


def test_the_card_leads_there_and_others_have_no_such_line() -> None:
    assert "*Show details*" in leaked_key_line(LEAKED_KEY)
    assert leaked_key_line(incident(signals=())) == ""
