"""What people were told of already: the same again is no news, but it is no habit either before somebody says so.

Only another day counts as again: who stops something and sees it come back within hours must hear of it. A day is
counted from its first card on, so that what comes every evening, now earlier and now later, is known the next evening.
"""

import copy
from collections.abc import Iterable

from engine.baselines.model import Baseline, Told, pair_key
from engine.models.cost_event import CostEvent
from engine.models.verdict import Forgotten

_THOUSANDTHS = 1000
_APART = 20 * 3600
_NEVER = Told()


def note_told(baseline: Baseline, event: CostEvent, hourly_cost: float) -> None:
    """Remember that a card over ``hourly_cost`` USD an hour speaks of this actor starting this type.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_told(known, launch(), 1.0)
    >>> note_told(known, launch(), 2.0)
    >>> told_of(known, launch()).days, told_of(known, launch()).most
    (1, 2000)
    """
    told, now = told_of(baseline, event), int(event.event_time.timestamp())
    again = now - told.at >= _APART
    most = max(told.most, round(hourly_cost * _THOUSANDTHS))
    told = Told(told.days + again, most, now if again else told.at)
    baseline.told[pair_key(event.actor.key, event.resource_type)] = told


def told_of(baseline: Baseline, event: CostEvent) -> Told:
    """What people were told of this actor starting this type.

    >>> from engine.examples import launch
    >>> told_of(Baseline(account_id="1"), launch()).days
    0
    """
    return baseline.told.get(pair_key(event.actor.key, event.resource_type), _NEVER)


def days_told(baseline: Baseline, event: CostEvent) -> int:
    """On how many days before this one cards spoke of this actor starting this type.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_told(known, launch(), 1.0)
    >>> days_told(known, launch())
    0
    """
    return told_before(baseline, event).days


def told_before(baseline: Baseline, event: CostEvent) -> Told:
    """What people were told of this actor starting this type on days before this one; nothing if only today.

    >>> from engine.examples import launch
    >>> told_before(Baseline(account_id="1"), launch())
    Told(days=0, most=0, at=0)
    """
    if not baseline.told:
        return _NEVER
    told = told_of(baseline, event)
    if event.event_time.timestamp() - told.at >= _APART:
        return told
    return Told(told.days - 1, told.most, told.at) if told.days > 1 else _NEVER


def forget_told(baseline: Baseline, pairs: Iterable[str]) -> tuple[Baseline, tuple[Forgotten, ...]]:
    """Give the baseline as if no card had spoken of these pairs, so that the same again is news; and what it forgot.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_told(known, launch(), 1.0)
    >>> naive, forgotten = forget_told(known, known.told)
    >>> naive.told, [one.most for one in forgotten]
    ({}, [1000])
    """
    known = {pair: told for pair in pairs if (told := baseline.told.get(pair)) is not None}
    kept = {pair: told for pair, told in baseline.told.items() if pair not in known}
    forgotten = (Forgotten(pair=pair, days=told.days, most=told.most, at=told.at) for pair, told in known.items())
    return _with_told(baseline, kept), tuple(forgotten)


def recall_told(baseline: Baseline, forgotten: Iterable[Forgotten]) -> Baseline:
    """Give the baseline that knows again what it forgot, to the last bit; what it was told of since comes on top.

    >>> from engine.examples import launch
    >>> known = Baseline(account_id="1")
    >>> note_told(known, launch(), 1.0)
    >>> recall_told(*forget_told(known, known.told)) == known
    True
    """
    told = dict(baseline.told)
    for one in forgotten:
        told[one.pair] = _both(Told(one.days, one.most, one.at), told.get(one.pair, _NEVER))
    return _with_told(baseline, told)


def _both(earlier: Told, later: Told) -> Told:
    """The days of both; a first one of ``later`` within a day of the last of ``earlier`` cannot be told from it."""
    return Told(earlier.days + later.days, max(earlier.most, later.most), max(earlier.at, later.at))


def _with_told(baseline: Baseline, told: dict[str, Told]) -> Baseline:
    changed = copy.copy(baseline)
    changed.told = told
    return changed
