"""Each trouble is tried in short by ``make test``, and for long by ``make test-nightly``."""

import pytest


def short_and_nightly(name: str, short: float, nightly: float) -> pytest.MarkDecorator:
    """Give the argument ``name`` of a test both values; the second one for the night only."""
    return pytest.mark.parametrize(
        name, [pytest.param(short, id="short"), pytest.param(nightly, id="nightly", marks=pytest.mark.nightly)]
    )
