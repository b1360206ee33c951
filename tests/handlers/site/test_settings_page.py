"""The settings page: forms for who may, and a key that is shown once."""

import re

import pytest

from engine.models.account import Role
from engine.models.api_key import Scope
from engine.models.schedule import DigestRhythm
from engine.models.sensitivity import Sensitivity
from tests.handlers.site.house import OTHER_ACCOUNT, Browser, House
from tests.store.samples import OTHER_TENANT, TENANT, api_key

KEY = re.compile(r"dd0c_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")
FORMS = {
    "/settings/digest": {"rhythm": "off"},
    "/settings/sensitivity": {"level": "low"},
    "/settings/mode": {"mode": "strict"},
    "/settings/role": {"user": "U1", "role": "viewer"},
    "/settings/keys": {"name": "x", "scope": "read", "seed": "1", "days": ""},
    "/settings/keys/revoke": {"key_id": "0a1b2c3d"},
}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RESPONDER])
async def test_who_may_not_change_settings_sees_them_without_forms_and_is_refused(house: House, role: Role) -> None:
    browser = await house.enter(role)
    page = (await browser.get("/settings"))[1]
    assert "takes an admin" in page
    assert 'action="/settings/' not in page
    assert 'action="/sign-out-everywhere"' in page
    for path, form in FORMS.items():
        assert (await browser.post(path, **form))[0] == 403
    assert await house.store.api_keys.find_keys(TENANT) == []


async def test_the_digest_is_set(house: House) -> None:
    browser = await house.enter()
    form = {"rhythm": "weekly", "weekday": "4", "at": "07:30", "zone": "Berlin"}
    status, _, headers = await browser.post("/settings/digest", **form)
    assert (status, headers["Location"]) == (303, "/settings?done=digest")
    assert "digest was changed" in (await browser.get(headers["Location"]))[1]
    digest = (await house.store.tenants.find_tenant(TENANT)).digest
    assert (digest.rhythm, digest.weekday, f"{digest.at:%H:%M}") == (DigestRhythm.WEEKLY, 4, "07:30")
    assert digest.zone == "Europe/Berlin"
    for bad in ({"zone": "Atlantis"}, {"at": "25:99"}, {"rhythm": "hourly"}, {"rhythm": ""}, {"weekday": "\u0663"}):
        status, html, _ = await browser.post("/settings/digest", **{**form, **bad})
        assert status in (303, 400)
        assert status == 303 or "Nothing was changed" in html


async def test_the_sensitivity_is_set_for_ones_own_account_only(house: House) -> None:
    browser = await house.enter()
    status, _, _ = await browser.post("/settings/sensitivity", level="low", account="111122223333", service="rds")
    assert status == 303
    [rule] = (await house.store.accounts.find_account(TENANT, "111122223333")).sensitivities
    assert (rule.level, rule.service) == (Sensitivity.LOW, "rds")
    assert "low for rds" in (await browser.get("/settings"))[1]
    status, html, _ = await browser.post("/settings/sensitivity", level="low", account=OTHER_ACCOUNT)
    assert (status, "Nothing was changed" in html) == (400, True)
    assert (await house.store.accounts.find_account(OTHER_TENANT, OTHER_ACCOUNT)).sensitivities == ()


async def test_strict_mode_is_chosen_for_ones_own_accounts_only(house: House) -> None:
    browser = await house.enter()
    status, _, _ = await browser.post("/settings/mode", mode="strict", account="111122223333")
    assert status == 303
    assert (await house.store.accounts.find_account(TENANT, "111122223333")).strict_set_by
    assert "strict: nobody is told of anything, chosen by" in (await browser.get("/settings"))[1]
    status, html, _ = await browser.post("/settings/mode", mode="strict", account=OTHER_ACCOUNT)
    assert (status, "Nothing was changed" in html) == (400, True)
    assert not (await house.store.accounts.find_account(OTHER_TENANT, OTHER_ACCOUNT)).strict_set_by
    assert (await browser.post("/settings/mode", mode="audit"))[0] == 400
    assert (await browser.post("/settings/mode", mode="strict"))[0] == 303
    assert (await house.store.tenants.find_tenant(TENANT)).strict_set_by


async def test_a_role_is_set_and_nobody_locks_themselves_out(house: House) -> None:
    browser = await house.enter()
    assert (await browser.post("/settings/role", user="u012ab", role="viewer"))[0] == 303
    assert (await house.store.tenants.find_tenant(TENANT)).roles["U012AB"] is Role.VIEWER
    status, html, _ = await browser.post("/settings/role", user="bob", role="admin")
    assert (status, "nobody I know" in html) == (400, True)


async def make_key(browser: Browser, seed: str) -> tuple[str, str]:
    """Give the key that is shown, and the page."""
    status, html, _ = await browser.post("/settings/keys", name="grafana", scope="read", seed=seed, days="30")
    assert status == 200
    found = KEY.search(html)
    assert found
    return found[0], html


@pytest.mark.integration
async def test_a_key_is_shown_once_and_the_form_sent_again_makes_no_second(real_house: House) -> None:
    browser = await real_house.enter()
    seed = (await browser.get("/settings"))[1].split('name="seed" value="')[1].split('"')[0]
    key, _ = await make_key(browser, seed)
    assert (await make_key(browser, seed))[0] == key
    [row] = await real_house.store.api_keys.find_keys(TENANT)
    assert (row.name, row.scopes, row.digest != key) == ("grafana", (Scope.READ,), True)
    page = (await browser.get("/settings"))[1]
    assert (KEY.search(page), row.key_id in page) == (None, True)
    assert (await make_key(await real_house.enter(name="Sam"), seed))[0] != key


async def test_a_key_is_revoked_by_its_own_tenant_only(house: House) -> None:
    await house.store.api_keys.insert_key(api_key("0a1b2c3d", tenant_id=OTHER_TENANT), "U1")
    await house.store.api_keys.insert_key(api_key("1a1b2c3d"), "U1")
    browser = await house.enter()
    assert (await browser.post("/settings/keys/revoke", key_id="1a1b2c3d"))[0] == 303
    assert "revoked" in (await browser.get("/settings"))[1]
    for gone in ("1a1b2c3d", "0a1b2c3d", ""):
        status, html, _ = await browser.post("/settings/keys/revoke", key_id=gone)
        assert (status, "Nothing was changed" in html) == (400, True)
    [theirs] = await house.store.api_keys.find_keys(OTHER_TENANT)
    assert theirs.revoked_at is None


async def test_signing_out_everywhere_ends_this_browser_too(house: House) -> None:
    browser = await house.enter()
    assert (await browser.post("/sign-out-everywhere"))[0] == 303
    assert (await browser.get("/settings"))[0] == 303
