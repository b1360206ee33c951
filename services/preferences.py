"""What a tenant sets with ``/dd0c settings``: how readily its accounts, services and types alert."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from engine.cloudtrail.registry import REGISTRY
from engine.command_line.nearest import did_you_mean
from engine.command_line.words import shown
from engine.errors import InvalidCommand
from engine.models.account import AccountStatus, AwsAccount
from engine.models.audit import AuditAction, AuditRecord
from engine.models.preferences import AccountSettings, SettingsReport
from engine.models.sensitivity import Sensitivity, SensitivityRule
from engine.modes import ModeInForce
from engine.scoring.sensitivity import with_rule
from services.account_names import choose_accounts
from services.modes import ModeChoice, Modes, parse_choice
from services.ports import Accounts, Clock

_USAGE = (
    "Say `/dd0c settings`, or `/dd0c settings sensitivity low|medium|high`, with `--account`, `--service` and `--type` "
    "for less than everything: `/dd0c settings sensitivity low --account prod --service rds`. There is "
    "`/dd0c settings mode`, `route`, `budget`, `role` and `tickets` besides."
)
_WORDS = ("sensitivity", "mode", "route", "budget", "role", "tickets")
TYPE = r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}"
_TYPE = re.compile(TYPE)
SERVICES = frozenset(source.removesuffix(".amazonaws.com") for source, _ in REGISTRY)
_MOST_RULES = 100


class Preferences:
    """Reads and changes a tenant's settings."""

    def __init__(self, accounts: Accounts, clock: Clock, modes: Modes) -> None:
        self._accounts = accounts
        self.modes = modes
        self._clock = clock

    async def settings(
        self, tenant_id: str, words: Sequence[str], options: Mapping[str, str], user_id: str = ""
    ) -> SettingsReport:
        """Show all settings, or change one of them first. ``options`` are ``account``, ``service`` and ``type``.

        ``user_id`` is recorded as who changed it.

        Raises InvalidCommand, with what to say, for words that are not understood.
        """
        if not words and not options:
            return await self._report(tenant_id)
        if words and words[0].lower() == "mode":
            return await self._choose_mode(tenant_id, parse_choice(words[1:]), options.get("account"), user_id)
        if not words or words[0].lower() != "sensitivity":
            raise InvalidCommand(f"There is no setting {shown(' '.join(words[:1]))}.{_meant(words)} {_USAGE}")
        level = _level(words[1:])
        rule = SensitivityRule(level=level, service=_service(options), resource_type=_resource_type(options))
        chosen = choose_accounts(await self._staying(tenant_id), options.get("account"))
        changes = [(one, _changed_rules(one, rule)) for one in chosen]
        for account, rules in changes:
            await self._accounts.save_sensitivities(
                tenant_id, account.account_id, rules, self._record(user_id, account.account_id, rule)
            )
        return await self._report(tenant_id, rule, tuple(one.account_id for one in chosen))

    async def override(
        self, tenant_id: str, account_id: str, rule: SensitivityRule, user_id: str
    ) -> tuple[SensitivityRule, ...]:
        """Set how readily one type of one account alerts; gives all that is set for the account then.

        Raises NotFound when this tenant has no such account, InputError when it has too many settings.
        """
        account = await self._accounts.find_account(tenant_id, account_id)
        rules = _changed_rules(account, rule)
        await self._accounts.save_sensitivities(tenant_id, account_id, rules, self._record(user_id, account_id, rule))
        return rules

    async def _choose_mode(
        self, tenant_id: str, choice: ModeChoice, account: str | None, user_id: str
    ) -> SettingsReport:
        if account is None:
            await self.modes.choose(tenant_id, user_id, choice)
            return msgspec.structs.replace(await self._report(tenant_id), chosen_mode=choice.value)
        chosen = choose_accounts(await self._staying(tenant_id), account)
        for one in chosen:
            await self.modes.choose_for(tenant_id, one.account_id, user_id, choice)
        changed_ids = tuple(one.account_id for one in chosen)
        report = await self._report(tenant_id)
        return msgspec.structs.replace(report, chosen_mode=choice.value, changed_ids=changed_ids)

    def _record(self, user_id: str, account_id: str, rule: SensitivityRule) -> AuditRecord:
        details = {"sensitivity": rule.level.value, "service": rule.service, "resource_type": rule.resource_type}
        return AuditRecord(
            at=self._clock(),
            action=AuditAction.SETTING_CHANGED,
            actor=user_id,
            account_id=account_id,
            details=details,
        )

    async def _staying(self, tenant_id: str) -> list[AwsAccount]:
        accounts = await self._accounts.find_accounts(tenant_id)
        return [one for one in accounts if one.status is not AccountStatus.DISCONNECTING]

    async def _report(
        self, tenant_id: str, changed: SensitivityRule | None = None, changed_ids: tuple[str, ...] = ()
    ) -> SettingsReport:
        accounts = await self._staying(tenant_id)
        modes = await self.modes.in_force(tenant_id, accounts)
        return SettingsReport(tuple(map(_settings_of, accounts, modes)), changed, changed_ids)


def _meant(words: Sequence[str]) -> str:
    return did_you_mean(words[0], _WORDS) if words else ""


def _settings_of(account: AwsAccount, mode: ModeInForce) -> AccountSettings:
    return AccountSettings(
        account_id=account.account_id,
        name=account.name,
        mode=mode.mode,
        mode_set_by=mode.set_by,
        mode_by_policy=mode.by_policy,
        sensitivities=account.sensitivities,
    )


def _level(words: Sequence[str]) -> Sensitivity:
    try:
        return Sensitivity(" ".join(words).lower())
    except ValueError:
        raise InvalidCommand(f"A sensitivity is `low`, `medium` or `high`. {_USAGE}") from None


def _service(options: Mapping[str, str]) -> str:
    service = options.get("service", "").lower().removesuffix(".amazonaws.com")
    if service and service not in SERVICES:
        near = did_you_mean(service, sorted(SERVICES))
        hint = near or " It is the word that AWS's API names have, such as `ec2` or `rds`."
        raise InvalidCommand(f"No service {shown(service)} is watched.{hint}")
    return service


def _resource_type(options: Mapping[str, str]) -> str:
    resource_type = options.get("type", "")
    if resource_type and not _TYPE.fullmatch(resource_type):
        raise InvalidCommand("A type is a word as cards show it, such as `m5.large`, `db.r5.large` or `nat_gateway`.")
    return resource_type


def _changed_rules(account: AwsAccount, rule: SensitivityRule) -> tuple[SensitivityRule, ...]:
    rules = with_rule(account.sensitivities, rule)
    if len(rules) > _MOST_RULES:
        raise InvalidCommand(
            f"An account has at most {_MOST_RULES} sensitivities. Set some to what holds without them."
        )
    return rules
