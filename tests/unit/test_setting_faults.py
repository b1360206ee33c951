"""Settings that are given wrongly: each is named in one sentence with what to write, and no secret is repeated."""

import base64
from collections import Counter
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from bot.setting_names import find_slips
from bot.settings import Settings, load_settings
from engine.errors import InvalidSetting

SECRET = "sesame"
COMPLETE = {
    "SLACK_SIGNING_SECRET": SECRET,
    "SLACK_BOT_TOKEN": f"xoxb-{SECRET}",
    "DD0C_ALERT_CHANNEL": "C0123456789",
    "MONGODB_URI": "mongodb://127.0.0.1/?replicaSet=rs",
}
LONG_KEY = "v1:" + base64.b64encode(bytes(32)).decode()
SHORT_KEY = "v1:c2VzYW1l"
ISSUER = {"DD0C_OIDC_ISSUER": "https://login.acme.example", "DD0C_URL": "https://costs.acme.example"}
PROVEN = ISSUER | {"DD0C_OIDC_CLIENT_ID": "dd0c", "DD0C_OIDC_CLIENT_SECRET": SECRET}
GOOGLE = {"DD0C_OIDC_ISSUER": "https://accounts.google.com"}
BILLING = {"STRIPE_API_KEY": f"sk_live_{SECRET}", "DD0C_URL": "https://costs.acme.example"}


@pytest.fixture(autouse=True)
def _complete(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder without ``.env``, and all that is needed."""
    monkeypatch.chdir(tmp_path)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)


def test_complete_settings_are_taken() -> None:
    load_settings()
    assert find_slips() == []


@pytest.mark.parametrize("allow", ["*", "@acme.example, ann@home.example"])
def test_an_issuer_is_taken_with_whom_it_may_bring(monkeypatch: pytest.MonkeyPatch, allow: str) -> None:
    for name, value in (PROVEN | {"DD0C_OIDC_ALLOW": allow}).items():
        monkeypatch.setenv(name, value)
    assert load_settings().allowed_emails().everybody == (allow == "*")


def test_where_all_who_come_get_a_place_of_their_own_anybody_may(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": SECRET, "DD0C_ENCRYPTION_KEYS": LONG_KEY}
    for name, value in (PROVEN | GOOGLE | many).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    assert load_settings().allowed_emails().everybody


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"SLACK_BOT_TOKEN": f"xoxp-{SECRET}"}, 'SLACK_BOT_TOKEN must begin with xoxb-: it is the "Bot User OAuth'),
        ({"SLACK_APP_TOKEN": f"xoxb-{SECRET}"}, "SLACK_APP_TOKEN must begin with xapp-: it is made under"),
        ({"DD0C_ALERT_CHANNEL": "#costs"}, "DD0C_ALERT_CHANNEL must be the id of a channel such as C0123456789"),
        ({"DD0C_ADMIN_USER": "maria"}, "DD0C_ADMIN_USER must be the id of a person in Slack such as U0123456789"),
        ({"DD0C_ENCRYPTION_KEYS": SHORT_KEY}, "DD0C_ENCRYPTION_KEYS must look like v1:KEY"),
        ({"DD0C_SESSION_KEYS": SHORT_KEY}, "DD0C_SESSION_KEYS must look like v1:KEY"),
        ({"DD0C_AUDIT_KEYS": SHORT_KEY}, "DD0C_AUDIT_KEYS must look like v1:KEY"),
        ({"AWS_ACCESS_KEY_ID": "AKIA1"}, "AWS_SECRET_ACCESS_KEY is not set: a key of AWS is an id and a secret"),
        ({"AWS_SECRET_ACCESS_KEY": SECRET}, "AWS_ACCESS_KEY_ID is not set: a key of AWS is an id and a secret"),
        ({"AWS_REGION": "us-east"}, "AWS_REGION must be a Region such as eu-central-1"),
        ({"DD0C_AWS_PRINCIPAL_ARN": "dd0c"}, "DD0C_AWS_PRINCIPAL_ARN must be an ARN of IAM such as arn:aws:iam::"),
        ({"DD0C_TEMPLATE_URL": "s3://bucket/a"}, "DD0C_TEMPLATE_URL must be an https:// address in a bucket of S3"),
        ({"DD0C_DATABASE": "costs.prod"}, "DD0C_DATABASE must be a name of letters, digits, _ and -"),
        ({"AWS_DEFAULT_REGION": "europe"}, "AWS_REGION must be a Region such as eu-central-1, also where AWS_DEFAULT_"),
        ({"DD0C_PORT": "http"}, "DD0C_PORT must be a whole number"),
        ({"DD0C_LOCAL_LOGIN": "perhaps"}, "DD0C_LOCAL_LOGIN must be 1 or 0"),
        ({"DD0C_RETENTION_DAYS": "30"}, "DD0C_RETENTION_DAYS must be greater than or equal to 91"),
        ({"DD0C_URL": "https://costs.acme.example/bot"}, "DD0C_URL must be an address such as https://costs.example"),
        ({"DD0C_WORK_QUEUE_URL": "https://sqs/1/work"}, "DD0C_WORK_QUEUE_URL must be a FIFO queue's address such as"),
        ({"DD0C_TRUSTED_PROXIES": "caddy"}, "DD0C_TRUSTED_PROXIES "),
        ({"DD0C_STORE_ACCESS_KEY_ID": "minio"}, "DD0C_STORE_SECRET_ACCESS_KEY is not set: a key of another store"),
        (BILLING | {"STRIPE_API_KEY": f"pk_live_{SECRET}"}, "STRIPE_API_KEY must begin with sk_ or rk_: it is a"),
        (BILLING, "STRIPE_WEBHOOK_SECRET is not set: make an endpoint for"),
        (BILLING, "DD0C_STRIPE_PRICE is not set: make a monthly price"),
        (BILLING | {"STRIPE_WEBHOOK_SECRET": f"we_{SECRET}"}, "STRIPE_WEBHOOK_SECRET must begin with whsec_: it is"),
        (ISSUER, "DD0C_OIDC_CLIENT_ID is not set: register this bot with the issuer"),
        (ISSUER, "DD0C_OIDC_CLIENT_SECRET is not set: copy the client's secret"),
        (PROVEN, "DD0C_OIDC_ALLOW is not set: name who may come by DD0C_OIDC_ISSUER"),
        (PROVEN | {"DD0C_OIDC_ALLOW": "acme.example"}, "DD0C_OIDC_ALLOW must be like @example.com,ann@example.org"),
        (PROVEN | {"DD0C_OIDC_ALLOW": "*,@a.example"}, "DD0C_OIDC_ALLOW must be like @example.com,ann@example.org"),
        (
            PROVEN | GOOGLE | {"DD0C_OIDC_ALLOW": "*"},
            "DD0C_OIDC_ALLOW must name people or domains such as @example.com",
        ),
        ({"OTEL_TRACES_SAMPLER_ARG": "2"}, "OTEL_TRACES_SAMPLER_ARG must be less than or equal to 1"),
        ({"DD0C_LOG_FORMAT": "xml"}, "DD0C_LOG_FORMAT must be 'text' or 'json'"),
    ],
)
def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], sentence: str) -> None:
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSetting) as refused:
        load_settings()
    assert f"\n  {sentence}" in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_token_of_the_wrong_kind_is_the_only_complaint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_SIGNING_SECRET")
    monkeypatch.setenv("SLACK_APP_TOKEN", f"xoxb-{SECRET}")
    with pytest.raises(InvalidSetting, match=r"^[^\n]+\n  SLACK_APP_TOKEN [^\n]+$"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("DD0C_ALERT_CHANEL", "DD0C_ALERT_CHANEL is no setting; DD0C_ALERT_CHANNEL is. Write that instead."),
        ("MONGO_URI", "MONGO_URI is no setting; MONGODB_URI is. Write that instead."),
        ("SLACK_BOT_TOKN", "SLACK_BOT_TOKN is no setting; SLACK_BOT_TOKEN is. Write that instead."),
        ("DD0C_COLOUR", "DD0C_COLOUR is no setting. docs/settings.md has them all; take this one away."),
        ("dd0c_prot", "DD0C_PROT is no setting; DD0C_PORT is. Write that instead."),
    ],
)
def test_a_name_that_is_none_is_told_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, sentence: str
) -> None:
    with monkeypatch.context() as given:
        given.setenv(name, SECRET)
        assert find_slips() == [sentence]
    written = tmp_path / ".env"
    written.write_text(f"{name}={SECRET}\n")
    written.chmod(0o600)
    assert find_slips() == [sentence]


def test_names_of_other_programs_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DD0C_DOMAIN", "DD0C_UPSTREAM", "SLACK_WEBHOOK_FOR_CI", "MONGOOSE", "AWS_REGIONS", "dd0c_port"):
        monkeypatch.setenv(name, "1")
    assert find_slips() == []


def test_a_file_of_secrets_that_others_can_read_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DD0C_PORT=8081\n")
    (tmp_path / ".env").chmod(0o640)
    assert find_slips() == ["Other users of this machine can read .env and the secrets in it. chmod 600 .env"]


def test_no_check_of_a_setting_takes_the_place_of_another() -> None:
    """Of two checks with one name, in two classes of settings, only one would ever run."""
    kinds = [kind for kind in Settings.__mro__ if issubclass(kind, BaseSettings)]
    names = Counter(
        name for kind in kinds for name in kind.__pydantic_decorators__.field_validators if name in vars(kind)
    )
    assert len(names) > 20
    assert [name for name, count in names.items() if count > 1] == []
