"""Sums of money are answered to the cent, whatever they were added up from; hourly rates are not rounded."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from handlers.web.api import anomaly_models, baselines, spend, zombies
from handlers.web.api.models import Model

SUM = 0.1 + 0.2
# By the hour, or what statistics say of that.
EXACT = ("hourly_cost_usd", "standard_deviation_usd")


def sums() -> Iterator[tuple[type[BaseModel], str]]:
    for module in (anomaly_models, baselines, spend, zombies):
        models = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Model)]
        yield from ((model, name) for model in models for name in model.model_fields if name.endswith("_usd"))


def test_every_sum_is_exact_to_the_cent_and_no_rate_is() -> None:
    found = list(sums())
    assert {"billed_usd", "burnt_usd", "monthly_cost_usd", "total_usd"} <= {name for _, name in found}
    for model, name in found:
        given: Any = {name: SUM}
        shown = json.loads(model.model_construct(**given).model_dump_json(include={name}))[name]
        assert shown == (SUM if name.endswith(EXACT) else 0.3), f"{model.__name__}.{name}"
