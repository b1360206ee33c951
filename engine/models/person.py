"""People in Slack, as far as the bot may know them."""

import msgspec


class Person(msgspec.Struct, frozen=True):
    """A user of the workspace. ``may_be_asked`` is False for bots, for who has left and for people of other workspaces.

    ``name`` is what colleagues read, and is not escaped. Messages to somebody who ``has_left`` Slack takes without a
    word.
    """

    user_id: str
    name: str
    may_be_asked: bool = True
    has_left: bool = False
