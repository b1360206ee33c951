"""What is wrong with the settings, in words: one line for each, and what to do about it."""

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from clients.cipher import parse_keys
from engine.errors import InvalidSetting

_WHAT_TO_DO = {
    "DD0C_ENCRYPTION_KEYS": "give the keys that `dd0c serve` has, with the newest last",
    "MONGODB_URI": "name the database that `dd0c serve` uses",
    "DD0C_WORK_QUEUE_URL": "name the SQS FIFO queue that `dd0c serve` uses; without one it does all work itself",
}
_WANTED = {
    "DD0C_URL": "an address such as https://costs.example.com, without a path",
    "AWS_REGION": "a Region such as eu-central-1, also where AWS_DEFAULT_REGION names it",
    "DD0C_ADMIN_USER": 'the id of a person in Slack such as U0123456789, not a name: "Copy member ID" in the profile',
    "DD0C_ALERT_CHANNEL": "the id of a channel such as C0123456789, not its name; the channel's details end with it",
    "DD0C_AWS_PRINCIPAL_ARN": "an ARN of IAM such as arn:aws:iam::123456789012:role/dd0c",
    "DD0C_DATABASE": "a name of letters, digits, _ and -",
    "DD0C_TEMPLATE_URL": "an https:// address in a bucket of S3",
    "SLACK_API_URL": "an address such as https://slack.com/api/, with a slash at the end",
    "DD0C_WORK_QUEUE_URL": "a FIFO queue's address such as https://sqs.us-east-1.amazonaws.com/123456789012/work.fifo",
}


def not_set(setting: str, what_to_do: str) -> PydanticCustomError:
    """Give the fault of a setting that may be missing in other circumstances."""
    return PydanticCustomError("not_set", what_to_do, {"setting": setting})


def must_begin(value: SecretStr, *starts: str, where: str) -> SecretStr:
    """Refuse a secret of another kind, which may be empty; the fault quotes nothing of it."""
    secret = value.get_secret_value()
    if secret and not secret.startswith(starts):
        raise PydanticCustomError(
            "kind", "must begin with {starts}: {where}", {"starts": " or ".join(starts), "where": where}
        )
    return value


def parsed_keys(setting: str, keys: SecretStr) -> dict[str, bytes]:
    """Read a setting that holds keys. Raises its fault, which quotes no key."""
    try:
        return parse_keys(keys.get_secret_value(), setting)
    except InvalidSetting as error:
        raise PydanticCustomError("keys", str(error).removeprefix(f"{setting} ").rstrip(".")) from None


def explain(error: ValidationError) -> str:
    """Name every fault; values are left out, because some are secrets."""
    lines = [f"  {_complaint(fault)}." for fault in error.errors(include_input=False)]
    return "These settings need a look (docs/settings.md explains each):\n" + "\n".join(lines)


def _complaint(fault: ErrorDetails) -> str:
    name = str(fault["loc"][0])
    match fault["type"]:
        case "missing" | "string_too_short" | "too_short":
            return f"{name} is not set: {_WHAT_TO_DO[name]}"
        case "not_set":  # The place of a default is its field, not its setting.
            return f"{fault['ctx']['setting']} is not set: {fault['msg']}"
        case "string_pattern_mismatch":
            return f"{name} must be {_WANTED.get(name, 'an address such as https://host')}"
        case "bool_parsing":
            return f"{name} must be 1 or 0"
        case "int_parsing":
            return f"{name} must be a whole number"
        case _:
            return f"{name} {fault['msg'].replace('Input should be', 'must be')}"
