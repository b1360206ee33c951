"""How much may be spent a month: set by people, and told once when it is passed."""

import asyncio
import hashlib
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from engine.bills import month_around
from engine.command_line.values import parse_usd
from engine.command_line.words import shown
from engine.errors import InvalidCommand, UpstreamError
from engine.models.audit import AuditAction, AuditRecord
from engine.models.delivery import DeliveryState
from engine.models.post import BudgetNotice, Post
from engine.models.spend import BudgetKind, SpendBudget, SpendKey
from engine.models.spend_report import BudgetRow
from engine.routing import home_channel
from engine.spend import BUDGET_STEPS, step_passed
from services.account_names import choose_accounts
from services.month_estimate import MonthEstimates
from services.ports import Accounts, Clock, Posts, SpendBudgets, Spending, SystemLookups, Tenants

MOST_BUDGETS = 50
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_HOW = "Say it like `/dd0c spend budget production $2000`, or `off` in place of the sum."
_log = logging.getLogger(__name__)
_Month = tuple[float, float]
"""USD so far, and by the month's end."""


class BudgetSettings:
    """Shows and sets budgets."""

    def __init__(
        self, budgets: SpendBudgets, accounts: Accounts, spending: Spending, months: MonthEstimates, clock: Clock
    ) -> None:
        self._budgets = budgets
        self._accounts = accounts
        self._spending = spending
        self._months = months
        self._clock = clock

    async def rows(self, tenant_id: str) -> list[BudgetRow]:
        """Every budget beside its month."""
        budgets, accounts = await asyncio.gather(
            self._budgets.find_budgets(tenant_id), self._accounts.find_accounts(tenant_id)
        )
        if not budgets:
            return []
        names = {one.account_id: one.name for one in accounts}
        by_account, by_actor = await self._by_account(tenant_id), await self._by_actor(tenant_id)
        return [_row(one, names, by_account if one.kind is BudgetKind.ACCOUNT else by_actor) for one in budgets]

    async def change(self, tenant_id: str, user_id: str, words: Sequence[str]) -> list[BudgetRow]:
        """Set or take away what two words say: whose, and how much. Raises InvalidCommand."""
        if len(words) != 2:  # noqa: PLR2004 - whose, and how much
            raise InvalidCommand(_HOW)
        kind, subject = await self._subject(tenant_id, words[0])
        record = self._record(user_id, kind, subject, words[1])
        if words[1].lower() == "off":
            if not await self._budgets.delete_budget(tenant_id, kind, subject, record):
                raise InvalidCommand(f"{shown(words[0])} has no budget. `/dd0c spend budget` lists what there is.")
        else:
            usd = parse_usd(words[1])
            budget = SpendBudget(kind=kind, subject=subject, monthly_usd=usd, set_by=user_id, set_at=self._clock())
            await self._set(tenant_id, budget, record)
        return await self.rows(tenant_id)

    async def _set(self, tenant_id: str, budget: SpendBudget, record: AuditRecord) -> None:
        known = {(one.kind, one.subject) for one in await self._budgets.find_budgets(tenant_id)}
        if len(known) >= MOST_BUDGETS and (budget.kind, budget.subject) not in known:
            raise InvalidCommand(f"There are {MOST_BUDGETS} budgets already: take one away first.")
        await self._budgets.save_budget(tenant_id, budget, record)

    async def _subject(self, tenant_id: str, word: str) -> tuple[BudgetKind, str]:
        """An account by its name or number; else an actor that something runs of, or that has a budget."""
        try:
            accounts = await self._accounts.find_accounts(tenant_id)
            return BudgetKind.ACCOUNT, choose_accounts(accounts, word)[0].account_id
        except InvalidCommand as error:
            known = {one.subject for one in await self._budgets.find_budgets(tenant_id)}
            if word in known or word in await self._by_actor(tenant_id):
                return BudgetKind.ACTOR, word
            raise InvalidCommand(
                f"{error} Nor did anybody called that start anything this month: `/dd0c spend --by actor` lists them."
            ) from None

    async def _by_account(self, tenant_id: str) -> Mapping[str, _Month]:
        months = await self._months.by_account(tenant_id)
        return {account_id: (one.so_far_usd, one.total_usd) for account_id, one in months.items()}

    async def _by_actor(self, tenant_id: str) -> Mapping[str, _Month]:
        now = self._clock()
        began, ends = month_around(now)
        seen = await self._spending.sum_seen(tenant_id, SpendKey.ACTOR, began, now, added_since=now - _DAY)
        sums: defaultdict[str, _Month] = defaultdict(lambda: (0.0, 0.0))
        for one in seen:
            so_far, total = sums[one.key]
            rest = one.hourly_cost * ((ends - now) / _HOUR)
            sums[one.key] = so_far + one.spent_usd, total + one.spent_usd + rest
        return sums

    def _record(self, user_id: str, kind: BudgetKind, subject: str, to: str) -> AuditRecord:
        return AuditRecord(
            at=self._clock(),
            action=AuditAction.SETTING_CHANGED,
            actor=user_id,
            account_id=subject if kind is BudgetKind.ACCOUNT else "",
            details={"setting": "spend budget", "of": subject, "to": to},
        )


def _row(budget: SpendBudget, names: Mapping[str, str], months: Mapping[str, _Month]) -> BudgetRow:
    actual, forecast = months.get(budget.subject, (0.0, 0.0))
    name = names.get(budget.subject, budget.subject)
    return BudgetRow(budget=budget, name=name, actual_usd=actual, forecast_usd=forecast)


class BudgetWatch:
    """Any number of processes may watch: each notice has one row in ``posts``."""

    def __init__(
        self, lookups: SystemLookups, tenants: Tenants, settings: BudgetSettings, posts: Posts, clock: Clock
    ) -> None:
        self._lookups = lookups
        self._tenants = tenants
        self._settings = settings
        self._posts = posts
        self._clock = clock

    async def watch(self) -> int:
        """Put a notice on its way for every step that was passed and not told; gives how many."""
        count = 0
        for tenant_id in {tenant_id for tenant_id, _ in await self._lookups.find_due_accounts()}:
            try:
                count += await self._watch(tenant_id)
            except UpstreamError:
                raise
            except Exception:
                _log.exception("the budgets of tenant %s could not be looked at", tenant_id)
        return count

    async def _watch(self, tenant_id: str) -> int:
        rows = await self._settings.rows(tenant_id)
        if not rows:
            return 0
        tenant = await self._tenants.find_tenant(tenant_id)
        channel_id = home_channel(tenant)
        if not channel_id:
            return 0
        told = [await self._tell(tenant_id, channel_id, row, is_forecast=one) for row in rows for one in (False, True)]
        return sum(told)

    async def _tell(self, tenant_id: str, channel_id: str, row: BudgetRow, *, is_forecast: bool) -> bool:
        """Only the highest step is told: who sets a budget that is long passed is told once."""
        now, budget = self._clock(), row.budget
        passed = step_passed(row.forecast_usd if is_forecast else row.actual_usd, budget.monthly_usd)
        if passed is None:
            return False
        for step in BUDGET_STEPS:
            name = _name(budget, now, step, is_forecast=is_forecast)
            if step >= passed and await self._posts.find_post(tenant_id, name):
                return False
        post = Post(
            post_id=_name(budget, now, passed, is_forecast=is_forecast),
            content=_notice(row, now, passed, is_forecast=is_forecast),
            channel_id=channel_id,
            account_id=budget.subject if budget.kind is BudgetKind.ACCOUNT else "",
            state=DeliveryState.PENDING,
            due_at=now,
            created_at=now,
        )
        await self._posts.insert_post(tenant_id, post)
        return True


def _name(budget: SpendBudget, now: datetime, step: int, *, is_forecast: bool) -> str:
    """A budget that was changed is another one: what was told of it may be told again."""
    subject = hashlib.sha256(f"{budget.subject}/{budget.set_at.isoformat()}".encode()).hexdigest()[:16]
    what = "forecast" if is_forecast else "actual"
    return f"budget/{budget.kind.value}/{subject}/{now:%Y-%m}/{what}/{step}"


def _notice(row: BudgetRow, now: datetime, step: int, *, is_forecast: bool) -> BudgetNotice:
    return BudgetNotice(
        kind=row.budget.kind,
        name=row.name,
        month=f"{now:%B %Y}",
        monthly_usd=row.budget.monthly_usd,
        percent=step,
        is_forecast=is_forecast,
        actual_usd=row.actual_usd,
        forecast_usd=row.forecast_usd,
    )
