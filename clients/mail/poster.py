"""Sends digests by e-mail as other posts are sent by Slack."""

from datetime import datetime
from typing import Protocol

from clients.mail.letter import Letters
from engine.errors import Rejected
from engine.models.delivery import SlackMessage
from engine.models.post import DigestMail, Post


class Mailer(Protocol):
    """Hands a message over; see ``clients.mail.smtp.SmtpMailer``."""

    async def send(self, sender: str, reader: str, message: bytes) -> None: ...


class MailPoster:
    """A mail that is gone can neither be found nor changed nor taken back."""

    def __init__(self, mailer: Mailer, sender: str) -> None:
        self._mailer = mailer
        self._sender = sender
        self._letters = Letters(sender)

    async def post(self, tenant_id: str, post: Post) -> SlackMessage:
        """Send it; Unavailable leaves it open whether it arrived. Its Message-ID stands for the message."""
        if not isinstance(post.content, DigestMail):
            raise Rejected(f"{post.post_id} is no mail.")
        await self._mailer.send(self._sender, post.channel_id, self._letters.write(tenant_id, post, post.content))
        return SlackMessage(post.channel_id, self._letters.message_id(tenant_id, post))

    async def repaint(self, tenant_id: str, post: Post) -> None:
        """Refuse."""
        raise Rejected(f"{post.post_id} of {tenant_id} is a mail, which stays as it is.")

    async def find(self, tenant_id: str, post: Post, since: datetime) -> SlackMessage | None:
        """Refuse, so that a mail in doubt goes out again, with the same Message-ID and saying that it may repeat."""
        raise Rejected(f"A mailbox cannot be searched for {post.post_id} of {tenant_id} since {since:%Y-%m-%d}.")

    async def delete(self, tenant_id: str, message: SlackMessage) -> None:
        """Refuse."""
        raise Rejected(f"{message.message_ts} of {tenant_id} is a mail, which cannot be taken back.")
