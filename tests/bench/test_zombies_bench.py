"""The benchmark of the zombie hunter sees all that its server has."""

import pytest

from bench.zombies.measure import expected_resources, measure


@pytest.mark.integration
async def test_all_resources_of_a_region_are_seen_and_half_is_idle() -> None:
    figures = await measure(regions=1, latency_seconds=0.0)
    assert (figures.resources, figures.troubles) == (expected_resources(1), 0)
    # Half of the instances and volumes, and all addresses.
    assert figures.found == 50 + 50 + 50
