"""The Regions an account knows: those every account has, and those it must ask for."""

DEFAULT_REGIONS = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)
"""Enabled in every account; a customer cannot switch them off."""

OPT_IN_REGIONS = (
    "af-south-1",
    "ap-east-1",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
)
"""Off until the customer opts in."""


def opt_in_status(region: str, enabled: bool) -> str:
    """What DescribeRegions says about a Region.

    Real accounts have all the default ones; a small simulated account knows few, and the others are off for it.
    """
    if not enabled:
        return "not-opted-in"
    return "opt-in-not-required" if region in DEFAULT_REGIONS else "opted-in"
