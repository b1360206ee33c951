"""Parsers on trial, new ones and changed ones: each is used only in accounts where its flag is on."""

from typing import NamedTuple

from engine.cloudtrail.family import Parser
from engine.cloudtrail.registry import find_parser
from engine.flags import Flag
from engine.models.cost_event import CostEvent

_NONE: frozenset[Flag] = frozenset()


class OnTrial(NamedTuple):
    """A parser and the flag it stands behind."""

    flag: Flag
    parser: Parser


# By (event source, plain event name), as in the registry; one here takes the place of the registry's, if there is any.
ON_TRIAL: dict[tuple[str, str], OnTrial] = {}


def find_on_trial(event_source: str, event_name: str, on: frozenset[Flag] = _NONE) -> tuple[str, Parser] | None:
    """Give the name and its parser on trial, or None where there is none or its flag is off.

    >>> find_on_trial("ec2.amazonaws.com", "RunInstances", frozenset(Flag)) is None
    True
    """
    found = ON_TRIAL.get((event_source, event_name))
    return (event_name, found.parser) if found is not None and found.flag in on else None


def flag_of(event: CostEvent) -> Flag | None:
    """The flag behind which a cost event's parser stands.

    >>> from engine.examples import launch
    >>> flag_of(launch()) is None
    True
    """
    found = ON_TRIAL.get((f"{event.service}.amazonaws.com", event.event_name))
    return found.flag if found is not None else None


def may_tell(event_source: str, event_name: str) -> bool:
    """Whether any parser reads such a call, be it on trial.

    >>> may_tell("ec2.amazonaws.com", "RunInstances"), may_tell("kms.amazonaws.com", "Decrypt")
    (True, False)
    """
    return (event_source, event_name) in ON_TRIAL or find_parser(event_source, event_name) is not None
