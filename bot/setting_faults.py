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
    "SLACK_API_URL": "an address such as https://slack.com/api/, with a slash at the end",
    "DD0C_WORK_QUEUE_URL": "a FIFO queue's address such as https://sqs.us-east-1.amazonaws.com/123456789012/work.fifo",
}


def not_set(setting: str, what_to_do: str) -> PydanticCustomError:
    """Give the fault of a setting that may be missing in other circumstances."""
    return PydanticCustomError("not_set", what_to_do, {"setting": setting})


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
        case _:
            return f"{name} {fault['msg'].replace('Input should be', 'must be')}"
