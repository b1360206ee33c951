"""Wiring of digests by e-mail."""

from bot.settings import Settings
from clients.mail.poster import MailPoster
from clients.mail.server import parse_server
from clients.mail.smtp import SmtpMailer


def build_mailer(settings: Settings) -> SmtpMailer | None:
    """Give what hands mails over; None where no server is set."""
    url = settings.smtp_url.get_secret_value()
    return SmtpMailer(parse_server(url), name=settings.smtp_from.rpartition("@")[2]) if url else None


def build_mail_poster(settings: Settings) -> MailPoster | None:
    """Give what sends digests by e-mail; None where nobody is to get any."""
    mailer = build_mailer(settings)
    return MailPoster(mailer, settings.smtp_from) if mailer is not None and settings.digest_readers() else None
