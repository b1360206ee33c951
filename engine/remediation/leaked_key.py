"""What to do, in this order, when somebody else may have an IAM user's access key."""

import json
import re
import shlex
from collections.abc import Sequence

import msgspec

from engine.models.anomaly import Anomaly, AnomalyStatus

KEY_ID = "KEY_ID"
"""Stands for the id that the first step lists; no record that is kept tells it."""

_USER = re.compile(r"arn:aws[a-z-]{0,12}:iam::[0-9]{12}:user/(?:[!-~]{1,511}/)?(?P<name>[A-Za-z0-9+=,.@_-]{1,64})")
_UNLIKE_THEM = frozenset({"actor", "region"})
_DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
_HOME = "us-east-1"


class KeyStep(msgspec.Struct, frozen=True):
    """What a step is for, and its shell line; empty where the commands that stop what runs are the step."""

    what: str
    command: str = ""


def leaked_key_steps(anomaly: Anomaly) -> Sequence[KeyStep]:
    """Give the steps where a leaked key is suspected: an IAM user starts things, or does so there, for the first time.

    Empty for everybody else: roles, people who sign in and services have no key that could be deactivated.

    >>> from engine.examples import incident, launch
    >>> leaked_key_steps(incident(launch()))
    ()
    """
    found = _USER.fullmatch(anomaly.actor.key)
    is_unlike_them = not _UNLIKE_THEM.isdisjoint(signal.name for signal in anomaly.signals)
    if found is None or not is_unlike_them or anomaly.status is AnomalyStatus.EXPECTED:
        return ()
    name = found["name"]
    if name.startswith("-"):
        return ()
    user = ("--user-name", name)
    policy = json.dumps(_DENY, separators=(",", ":"))
    deactivate = ("--access-key-id", KEY_ID, "--status", "Inactive")
    deny = ("--policy-name", "dd0c-deny-all", "--policy-document", policy)
    return (
        KeyStep("See which keys there are, and when each was made", _line("iam", "list-access-keys", *user)),
        KeyStep(
            f"Deactivate the key, with its id in place of {KEY_ID}; this can be taken back",
            _line("iam", "update-access-key", *user, *deactivate),
        ),
        KeyStep(
            "Deny the user everything: sessions made with the key end with it",
            _line("iam", "put-user-policy", *user, *deny),
        ),
        KeyStep("Stop what was started, and terminate what holds nothing of yours"),
        KeyStep(
            "List the Regions, and look in each for what the key did there",
            _line("ec2", "describe-regions", "--region", _HOME, "--query", "Regions[].RegionName", "--output", "text"),
        ),
        KeyStep(
            "The same question goes to every Region that was listed",
            _line(
                "cloudtrail",
                "lookup-events",
                "--region",
                _HOME,
                "--lookup-attributes",
                f"AttributeKey=Username,AttributeValue={name}",
            ),
        ),
    )


def _line(*words: str) -> str:
    return shlex.join(("aws", *words))
