"""Which AWS accounts a person means."""

from collections.abc import Sequence

from engine.command_line.words import shown
from engine.errors import InvalidCommand
from engine.models.account import AwsAccount

_NAMED = 10


def choose_accounts(accounts: Sequence[AwsAccount], asked: str | None) -> Sequence[AwsAccount]:
    """Give all accounts, or the one that was asked for by its name or its 12 digits.

    Raises InvalidCommand when there is none at all, none of that name, or several.
    """
    if not accounts:
        raise InvalidCommand("No AWS account is connected yet. `/dd0c connect` does that.")
    if asked is None:
        return accounts
    chosen = [one for one in accounts if asked.lower() in {one.account_id, one.name.lower()}]
    if not chosen:
        names = ", ".join(shown(one.name) for one in accounts[:_NAMED])
        raise InvalidCommand(f"No AWS account {shown(asked)} is connected. There is {names}.")
    if len(chosen) > 1:
        raise InvalidCommand(f"Several accounts are called {shown(asked)}: name the one by its 12 digits.")
    return chosen
