"""What a tenant sets with ``/dd0c settings``: how readily its accounts, services and types alert."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from engine.cloudtrail.registry import REGISTRY
from engine.errors import InputError
from engine.models.account import AccountStatus, AwsAccount
from engine.models.preferences import AccountSettings, SettingsReport
from engine.models.sensitivity import Sensitivity, SensitivityRule
from engine.scoring.sensitivity import with_rule
from services.ports import Accounts

_USAGE = (
    "Say `/dd0c settings`, or `/dd0c settings sensitivity low|medium|high`, with `--account`, `--service` and `--type` "
    "for less than everything: `/dd0c settings sensitivity low --account prod --service rds`."
)
_OPTIONS = ("--account", "--service", "--type")
# A message editor turns two hyphens into a dash.
_DASHES = re.compile(r"^[\u2013\u2014]+")
_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_SERVICES = frozenset(source.removesuffix(".amazonaws.com") for source, _ in REGISTRY)
_MOST_RULES = 100
_SHOWN = 60


class Preferences:
    """Reads and changes a tenant's settings."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def settings(self, tenant_id: str, words: Sequence[str]) -> SettingsReport:
        """Show all settings, or change one of them first.

        Raises InputError, with what to say, for words that are not understood.
        """
        if not words:
            return await self._report(tenant_id)
        if words[0].lower() != "sensitivity":
            raise InputError(f"There is no setting `{_shown(words[0])}`. {_USAGE}")
        level, options = _level(words[1:2]), _options(words[2:])
        rule = SensitivityRule(level=level, service=_service(options), resource_type=_resource_type(options))
        chosen = _chosen(await self._staying(tenant_id), options.get("--account"))
        changes = [(one, _changed_rules(one, rule)) for one in chosen]
        for account, rules in changes:
            await self._accounts.save_sensitivities(tenant_id, account.account_id, rules)
        return await self._report(tenant_id, rule, tuple(one.account_id for one in chosen))

    async def _staying(self, tenant_id: str) -> list[AwsAccount]:
        accounts = await self._accounts.find_accounts(tenant_id)
        return [one for one in accounts if one.status is not AccountStatus.DISCONNECTING]

    async def _report(
        self, tenant_id: str, changed: SensitivityRule | None = None, changed_ids: tuple[str, ...] = ()
    ) -> SettingsReport:
        accounts = await self._staying(tenant_id)
        return SettingsReport(tuple(map(_settings_of, accounts)), changed, changed_ids)


def _settings_of(account: AwsAccount) -> AccountSettings:
    return AccountSettings(
        account_id=account.account_id,
        name=account.name,
        mode=account.mode,
        mode_set_by=account.mode_set_by,
        sensitivities=account.sensitivities,
    )


def _level(words: Sequence[str]) -> Sensitivity:
    try:
        return Sensitivity(words[0].lower())
    except (IndexError, ValueError):
        raise InputError(f"A sensitivity is `low`, `medium` or `high`. {_USAGE}") from None


def _options(words: Sequence[str]) -> Mapping[str, str]:
    """Read ``--name value`` and ``--name=value``, each name once."""
    found: dict[str, str] = {}
    rest = [part for word in words for part in _DASHES.sub("--", word).split("=", 1)]
    names, values = rest[::2], rest[1::2]
    for name in names:
        if name not in _OPTIONS:
            raise InputError(f"`{_shown(name)}` is not understood. {_USAGE}")
    if len(names) > len(values) or len(set(names)) < len(names) or not all(values):
        raise InputError(f"Each of `--account`, `--service` and `--type` takes one value. {_USAGE}")
    found.update(zip(names, values, strict=True))
    return found


def _service(options: Mapping[str, str]) -> str:
    service = options.get("--service", "").lower().removesuffix(".amazonaws.com")
    if service and service not in _SERVICES:
        near = get_close_matches(service, sorted(_SERVICES), n=1)
        hint = (
            f" Did you mean `{near[0]}`?"
            if near
            else " It is the word that AWS's API names have, such as `ec2` or `rds`."
        )
        raise InputError(f"No service `{_shown(service)}` is watched.{hint}")
    return service


def _resource_type(options: Mapping[str, str]) -> str:
    resource_type = options.get("--type", "")
    if resource_type and not _TYPE.fullmatch(resource_type):
        raise InputError("A type is a word as cards show it, such as `m5.large`, `db.r5.large` or `nat_gateway`.")
    return resource_type


def _chosen(accounts: Sequence[AwsAccount], asked: str | None) -> Sequence[AwsAccount]:
    if not accounts:
        raise InputError("No AWS account is connected yet. `/dd0c connect` does that.")
    if asked is None:
        return accounts
    chosen = [one for one in accounts if asked.lower() in {one.account_id, one.name.lower()}]
    if not chosen:
        names = ", ".join(f"`{_shown(one.name)}`" for one in accounts[:10])
        raise InputError(f"No AWS account `{_shown(asked)}` is connected. There is {names}.")
    if len(chosen) > 1:
        raise InputError(f"Several accounts are called `{_shown(asked)}`: name the one by its 12 digits.")
    return chosen


def _changed_rules(account: AwsAccount, rule: SensitivityRule) -> tuple[SensitivityRule, ...]:
    rules = with_rule(account.sensitivities, rule)
    if len(rules) > _MOST_RULES:
        raise InputError(f"An account has at most {_MOST_RULES} sensitivities. Set some to what holds without them.")
    return rules


def _shown(word: str) -> str:
    """What a person typed, in an answer: short, and nothing that ends its quotation."""
    return word[:_SHOWN].replace("`", "'")
