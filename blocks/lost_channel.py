"""That the alert channel takes no cards, and where they are meanwhile."""

from blocks.text import channel, mention


def lost_line(channel_id: str, user_id: str) -> str:
    """One sentence; an empty ``user_id`` says that nobody is known who could get the cards.

    >>> lost_line("C1", "U1")
    '*<#C1> takes no cards*: they go to <@U1> alone until it does, or another channel is chosen.'
    """
    name = channel(channel_id)
    if user_id:
        who = mention(user_id)
        return f"*{name} takes no cards*: they go to {who} alone until it does, or another channel is chosen."
    return (
        f"*{name} takes no cards, and nobody is known who could get them*: they wait. Choose another channel in the "
        "App Home, or name an admin: `/dd0c settings role @somebody admin`."
    )
