"""The answer to /dd0c settings."""

from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.settings import settings as settings_card
from engine.models.account import GovernanceMode
from engine.models.preferences import AccountSettings, SettingsReport
from engine.models.sensitivity import Sensitivity, SensitivityRule
from tests.blocks.reports import accepted, many
from tests.blocks.rules import reading
from tests.blocks.samples import NAMES

RULES = st.builds(SensitivityRule, level=st.sampled_from(Sensitivity), service=NAMES, resource_type=NAMES)
SETTINGS = st.builds(
    AccountSettings,
    account_id=NAMES,
    name=NAMES,
    mode=st.sampled_from(GovernanceMode),
    mode_set_by=NAMES,
    sensitivities=st.lists(RULES, max_size=2).map(tuple),
)


@given(many(SETTINGS), st.none() | RULES)
@settings(max_examples=30)
def test_any_settings_are_a_message_slack_takes(
    accounts: tuple[AccountSettings, ...], changed: SensitivityRule | None
) -> None:
    ids = tuple(one.account_id for one in accounts[:2])
    accepted(settings_card(SettingsReport(accounts, changed, ids)))


def test_settings_are_shown_from_the_whole_to_its_parts() -> None:
    high, low = (SensitivityRule(level=Sensitivity.HIGH), SensitivityRule(level=Sensitivity.LOW, service="rds"))
    shown = AccountSettings(
        account_id="111122223333",
        name="prod",
        mode=GovernanceMode.AUDIT,
        mode_set_by="U1",
        sensitivities=(high, low),
    )
    text = reading(accepted(settings_card(SettingsReport((shown,), low, ("111122223333",)))))
    assert "Sensitivity is now low for `rds` in prod (111122223333)." in text
    assert "audit mode, chosen by <@U1>" in text
    assert text.index("• sensitivity high") < text.index("• low for `rds`")


def test_settings_of_very_many_long_names_stay_in_bounds() -> None:
    rule = SensitivityRule(level=Sensitivity.LOW, service="s" * 999, resource_type="t" * 999)
    one = AccountSettings(
        account_id="1" * 12,
        name="n" * 999,
        mode=GovernanceMode.AUDIT,
        mode_set_by="u" * 999,
        sensitivities=(rule,) * 20,
    )
    text = reading(accepted(settings_card(SettingsReport((one,) * 40, rule, ("1" * 12,)))))
    assert "more lines" in text
