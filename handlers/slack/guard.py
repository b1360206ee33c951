"""What happens around every listener: acknowledge first, and answer in words whatever goes wrong."""

import logging
import re
from collections.abc import Awaitable, Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from blocks.card import Card
from blocks.text import escape
from engine.errors import Conflict, InputError, NotFound, UpstreamError
from handlers.slack.context import Respond, SlackServices

_log = logging.getLogger(__name__)
_LONGEST = 3000
_REFUSED_BLOCKS = "invalid_blocks"
_LONGEST_ID = 200
# What people typed may stand in an error. A channel or person is still shown by name, but nobody is called by it.
_REFERENCE = re.compile("&lt;([#@][A-Z0-9]{2,30})&gt;")


async def answered(work: Awaitable[None], respond: Respond, doing: str) -> None:
    """Run a listener's work after its ack.

    An exception that leaves a listener soon after ``ack()`` would overwrite the ack, and Slack would show the person a
    failure of ours as theirs; so every error ends here, as an ephemeral answer.
    """
    try:
        await work
    except (InputError, NotFound, Conflict) as error:
        await _tell(respond, str(error), doing)
    except UpstreamError as error:
        _log.warning("%s: %s", doing, error)
        await _tell(respond, "That did not work: a system behind dd0c/cost did not answer. Please try again.", doing)
    except (aiohttp.ClientError, OSError) as error:
        # Everything else outside speaks through adapters, so it was Slack that did not take the answer.
        _log.warning("%s: Slack did not take the answer (%s)", doing, type(error).__name__)
        await _tell(respond, "Slack did not take the answer. Please look whether it was done, and ask again.", doing)
    except Exception:
        _log.exception("%s failed", doing)
        await _tell(respond, "That did not work because of an error in dd0c/cost. It is in the bot's log.", doing)


async def is_repeated(services: SlackServices, body: Mapping[str, Any]) -> bool:
    """Whether somebody works on this delivery already; every listener asks right after its ack.

    An event has an id; each command, click and form has a trigger of its own.
    """
    named = body.get("event_id") or body.get("trigger_id")
    return await services.repeats.is_repeated(str(named or "")[:_LONGEST_ID])


async def _tell(respond: Respond, text: str, doing: str) -> None:
    try:
        await reply(respond, text=_REFERENCE.sub(r"<\1>", escape(text, _LONGEST)))
    except (aiohttp.ClientError, OSError) as error:
        _log.warning("%s: the answer could not be sent: Slack did not take it (%s)", doing, type(error).__name__)
    except Exception:
        _log.exception("%s: the answer could not be sent", doing)


def teller(client: AsyncWebClient, body: Mapping[str, Any], channel_id: str) -> Respond:
    """A form has no address to answer to, so who filled it in is told in the card's channel, or directly."""

    async def tell(*, text: str, **_form: Any) -> Any:
        user_id = str((body.get("user") or {}).get("id", ""))
        if not channel_id:  # Of a form that the App Home opened.
            return await client.chat_postMessage(channel=user_id, text=text)
        return await client.chat_postEphemeral(channel=channel_id, user=user_id, text=text)

    return tell


async def reply(respond: Respond, *, shared: bool = False, replace: bool = False, **content: Any) -> None:
    """Answer so that only who asked sees it, unless it is ``shared``; ``replace`` puts it where the last answer was.

    Slack refuses an address that is too old without an exception.
    """
    answer = await respond(**content, response_type=_audience(shared=shared), replace_original=replace)
    _note(answer)


async def reply_card(respond: Respond, card: Card, *, shared: bool = False, replace: bool = False) -> None:
    """Answer as ``reply`` does; where Slack does not know a kind of block yet, more plainly."""
    place = {"response_type": _audience(shared=shared), "replace_original": replace}
    answer = await respond(text=card.text, blocks=card.blocks, **place)
    for plainer in card.plainer:
        if answer.status_code == HTTPStatus.OK or _REFUSED_BLOCKS not in str(answer.body):
            break
        answer = await respond(text=card.text, blocks=plainer, **place)
    _note(answer)


def _audience(*, shared: bool) -> str:
    return "in_channel" if shared else "ephemeral"


def _note(answer: Any) -> None:
    if answer.status_code != HTTPStatus.OK:
        _log.warning("Slack refused an answer (%d): %s", answer.status_code, answer.body)
