"""Check what a message says before it is taken: text, blocks, attachments, metadata."""

from typing import Any

from demo.slack_workspace.blocks import MAX_BLOCK_CHARACTERS, message_problems, text_length
from demo.slack_workspace.errors import SlackError
from demo.slack_workspace.params import Params

POST_TEXT = 40_000
UPDATE_TEXT = 4_000
MAX_ATTACHMENTS = 100


def checked_content(params: Params, *, max_text: int = POST_TEXT) -> dict[str, Any]:
    """Return those of text, blocks, attachments and metadata that were given and are valid.

    Raises SlackError with Slack's code for the first thing that is wrong.
    """
    content: dict[str, Any] = {}
    if params.get("text") is not None:
        content["text"] = _checked_text(params["text"], max_text)
    if params.get("blocks") not in (None, ""):
        content["blocks"] = _checked_blocks(params["blocks"])
    if params.get("attachments") not in (None, ""):
        content["attachments"] = _checked_attachments(params["attachments"])
    if params.get("metadata") not in (None, ""):
        content["metadata"] = _checked_metadata(params["metadata"])
    return content


def require_something_to_say(content: dict[str, Any]) -> None:
    """Refuse an empty message."""
    if not any(content.get(name) for name in ("text", "blocks", "attachments")):
        raise SlackError("no_text")


def _checked_text(text: object, maximum: int) -> str:
    if not isinstance(text, str):
        raise SlackError("invalid_arguments", ["[ERROR] must be a string [json-pointer:/text]"])
    if len(text) > maximum:
        raise SlackError("msg_too_long")
    return text


def _checked_blocks(blocks: object, pointer: str = "/blocks") -> list[dict[str, Any]]:
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    problems = message_problems(blocks, pointer)
    if problems:
        raise SlackError("invalid_blocks", problems)
    if text_length(blocks) > MAX_BLOCK_CHARACTERS:
        raise SlackError("msg_blocks_too_long")
    return blocks


def _checked_attachments(attachments: object) -> list[dict[str, Any]]:
    if not isinstance(attachments, list) or not all(isinstance(a, dict) for a in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > MAX_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for index, attachment in enumerate(attachments):
        _checked_blocks(attachment.get("blocks") or [], f"/attachments/{index}/blocks")
    return attachments


def _checked_metadata(metadata: object) -> dict[str, Any]:
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    if not metadata:
        return {}
    named = isinstance(metadata.get("event_type"), str) and metadata["event_type"]
    if not named or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    return metadata
