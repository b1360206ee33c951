"""Who made an account strict, in words."""

from blocks.text import mention


def mode_reason(set_by: str, *, by_policy: bool) -> str:
    """Give who chose it, to go on with what names the mode; nothing where nobody did.

    >>> mode_reason("U1", by_policy=True)
    ", chosen by <@U1>, and set by the operator's policy"
    """
    said = [f", chosen by {mention(set_by)}"] if set_by else []
    said += [f", {'and ' if set_by else ''}set by the operator's policy"] if by_policy else []
    return "".join(said)
