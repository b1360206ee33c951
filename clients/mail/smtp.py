"""One message to one address, by SMTP."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from clients.mail.server import MailServer
from engine.errors import AccessDenied, Rejected, Throttled, Unavailable, UpstreamError
from engine.models.post import MAIL_REFUSED

_ANSWER_SECONDS = 10.0
# Together less than a claim lasts, so that nobody else takes a message up meanwhile.
_OPEN_SECONDS = 20.0
_SEND_SECONDS = 25.0
_FOR_GOOD = 500
_MOST_SAID = 200


class SmtpMailer:
    """A session for each message: a digest comes once a day."""

    def __init__(self, server: MailServer, *, name: str, tls: ssl.SSLContext | None = None) -> None:
        """Say ``name`` to the server; by ``tls`` its certificate is judged, else by what this machine trusts."""
        self._server = server
        self._name = name
        self._tls = tls

    def __str__(self) -> str:
        """Where it hands mails over."""
        return str(self._server)

    async def check(self) -> None:
        """Sign in and leave. Raises UpstreamError."""
        async with self._session():
            pass

    async def send(self, sender: str, reader: str, message: bytes) -> None:
        """Hand it over.

        Raises Unavailable where nobody knows whether it was taken, Rejected where it never will be, Throttled and
        AccessDenied where it was not and may be later.
        """
        async with self._session() as session:
            try:
                async with asyncio.timeout(_SEND_SECONDS):
                    await session.sendmail(sender, [reader], message)
            except SMTPRecipientsRefused as error:
                raise _judged(self._server, error.recipients[0]) from None
            except SMTPResponseException as error:
                raise _judged(self._server, error) from None
            except (SMTPException, OSError) as error:
                kind = type(error).__name__
                raise Unavailable(
                    f"{self._server} broke off before it said whether it has the mail ({kind})."
                ) from error

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[SMTP]:
        session = self._new_session()
        try:
            await self._open(session)
            yield session
            # What was handed over stays so, whatever becomes of the farewell.
            with suppress(SMTPException, OSError):
                await session.quit(timeout=1.0)
        finally:
            session.close()

    def _new_session(self) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.is_tls,
            start_tls=False if server.is_tls else True if server.needs_starttls else None,
            tls_context=self._tls,
            local_hostname=self._name,
            timeout=_ANSWER_SECONDS,
        )

    async def _open(self, session: SMTP) -> None:
        """Nothing of a message was said yet, so that no failure leaves a doubt."""
        try:
            async with asyncio.timeout(_OPEN_SECONDS):
                await session.connect()
        except SMTPAuthenticationError as error:
            # Without the server's words: they may repeat what it was told.
            said = f"{self._server} refuses the user or password of DD0C_SMTP_URL ({error.code})."
            raise AccessDenied(said, code=str(error.code)) from None
        except (SMTPException, OSError) as error:
            raise Throttled(f"{self._server} cannot be spoken to: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    said = " ".join(str(error).split())[:_MOST_SAID]
    return f"{said} ({type(error).__name__})."


def _judged(server: MailServer, error: SMTPResponseException) -> UpstreamError:
    """By RFC 5321 4xx asks for another try, and 5xx for none."""
    said = f"{server} said {error.code} {' '.join(str(error.message).split())[:_MOST_SAID]}"
    return Rejected(said, code=MAIL_REFUSED) if error.code >= _FOR_GOOD else Throttled(said, code=str(error.code))
