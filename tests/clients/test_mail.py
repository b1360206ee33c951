"""Mail on its way out: what settings say, what a letter holds, and servers that refuse."""

import logging
import ssl
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.mail.letter import Letters
from clients.mail.server import parse_address, parse_readers, parse_server
from clients.mail.smtp import SmtpMailer
from engine.errors import AccessDenied, InvalidSetting, Throttled
from engine.models.anomaly import AnomalyStatus, Severity
from engine.models.delivery import DeliveryState
from engine.models.post import DigestMail, Post
from engine.models.report import AnomalyRow, DigestReport, Suppressed
from tests.fixtures.certificates import self_signed
from tests.fixtures.mail import PASSWORD, USER, PostOffice, post_office

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
HOSTILE = '<script>alert(1)</script>\r\nBcc: thief@example.net\r\n\r\n<!channel> "&\u202e'
MESSAGE = b"Subject: test\r\n\r\ntest\r\n"


def letter(report: DigestReport, **fields: object) -> bytes:
    content = DigestMail(report=report, zone="Europe/Berlin")
    post = Post(
        post_id="digest/daily/2026-11-21/ann@example.com",
        content=content,
        channel_id="ann@example.com",
        state=DeliveryState.PENDING,
        due_at=NOW,
        created_at=NOW,
        may_repeat=bool(fields.get("may_repeat")),
    )
    return Letters("costs@example.com").write("t-1", post, content)


def hostile_report() -> DigestReport:
    row = AnomalyRow(
        anomaly_id="a-1",
        severity=Severity.CRITICAL,
        status=AnomalyStatus.OPEN,
        resource_type=HOSTILE,
        quantity=1,
        regions=(HOSTILE,),
        actor_name=HOSTILE,
        account_name=HOSTILE,
        hourly_cost=12.0,
        first_event_time=NOW,
    )
    silent = (Suppressed(HOSTILE, 1, 1.0),)
    return DigestReport(since=NOW - timedelta(days=1), until=NOW, rows=(row,), findings=(row,), suppressed=silent)


def test_hostile_names_are_words_in_a_letter_and_nothing_else() -> None:
    mail = message_from_bytes(letter(hostile_report()), policy=default)
    headers = "From To Subject Date Message-ID Auto-Submitted MIME-Version Content-Type"
    assert sorted(mail.keys()) == sorted(headers.split())
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html
    assert text
    assert "<script" not in html.get_content()
    assert html.get_content().count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3
    for part in (html, text):
        assert "\u202e" not in part.get_content()
        assert not [line for line in part.get_content().splitlines() if line.startswith("Bcc:")]
    assert "by <script>alert(1)</script> Bcc: thief@example.net" in text.get_content()
    assert "2026-11-21 10:00 CET" in text.get_content()


def test_a_letter_fits_the_lines_of_smtp_and_names_its_reader() -> None:
    raw = letter(hostile_report())
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    mail = message_from_bytes(raw, policy=default)
    assert (str(mail["To"]), str(mail["From"])) == ("ann@example.com", "dd0c/cost <costs@example.com>")
    assert (
        mail["Message-ID"]
        == message_from_bytes(letter(hostile_report(), may_repeat=True), policy=default)["Message-ID"]
    )


def broken_into(address: str, odd: str, at: int) -> str:
    return address[:at] + odd + address[at:]


ADDRESSES = st.from_regex(r"[a-z]{1,5}@[a-z]{1,5}\.[a-z]{2,5}", fullmatch=True)
# What ends a line or a command, and what could carry either, anywhere in an address.
BROKEN = st.builds(broken_into, ADDRESSES, st.sampled_from('\r\n\t\0\x0b\x85\u2028 <>;:"\\()'), st.integers(0, 18))


@given(st.text(max_size=60) | ADDRESSES | BROKEN)
def test_no_address_can_begin_another_line(text: str) -> None:
    try:
        readers = parse_readers(text)
    except InvalidSetting:
        return
    assert all(one.isascii() and one.isprintable() and " " not in one and one.count("@") == 1 for one in readers)


@pytest.mark.parametrize(
    "address",
    ["ann", "ann@example", "a\r\nBcc: b@example.com", "Ann <ann@example.com>", "ann@-x.com", "<a@b.de>", "ä@b.de", ""],
)
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidSetting):
        parse_address(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://u:hunter22hunter@mail.example.com",
        "smtp://u:hunter22hunter@",
        "smtp://u:hunter22hunter@mail.example.com:99999",
        "smtp://u:hunter22hunter@mail.example.com:0",
        "smtp://:hunter22hunter@mail.example.com",
        "smtp://u:hunter22hunter%0d%0aQUIT@mail.example.com",
        "smtp://u:hunter22hunter@mail.example.com/path",
        "smtp://u:hunter22hunter@[mail",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        parse_server(url)
    assert "hunter22" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_a_password_leaves_this_machine_encrypted_only() -> None:
    asked = [
        parse_server(one).needs_starttls
        for one in (
            "smtp://u:p@mail.example.com",
            "smtp://mail.example.com",
            "smtp://u:p@127.0.0.1",
            "smtps://u:p@a.de",
        )
    ]
    assert asked == [True, False, False, False]


async def test_a_wrong_password_is_told_and_not_repeated(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with with_password() as office:
        with pytest.raises(AccessDenied, match="DD0C_SMTP_URL") as refusal:
            await mailer(office, f"{USER}:not-this-one@").check()
        ours = [one.getMessage() for one in caplog.records if not one.name.startswith("mail.")]  # Theirs is mail.log.
        assert "not-this-one" not in f"{refusal.value!r}{ours}{parse_server('smtp://u:not-this-one@h')!r}"
        await mailer(office, f"{USER}:{PASSWORD.replace(' ', '%20')}@").check()
        assert office.tried > 1


async def test_a_certificate_that_nobody_vouches_for_ends_it_before_anything_is_said(tmp_path: Path) -> None:
    ours, theirs = certificate(tmp_path)
    async with post_office(tls=theirs) as office:
        with pytest.raises(Throttled, match="certificate verify failed"):
            await mailer(office).send("costs@example.com", "ann@example.com", MESSAGE)
        assert office.raw == []
        await SmtpMailer(parse_server(office.url), name="example.com", tls=ours).send(
            "costs@example.com", "ann@example.com", MESSAGE
        )
        assert office.raw == [MESSAGE]


async def test_starttls_is_taken_where_it_is_offered(tmp_path: Path) -> None:
    ours, theirs = certificate(tmp_path)
    async with post_office(tls_context=theirs, require_starttls=True) as office:
        with pytest.raises(Throttled):
            await mailer(office).check()
        await SmtpMailer(parse_server(office.url), name="example.com", tls=ours).send(
            "costs@example.com", "ann@example.com", MESSAGE
        )
        assert office.raw == [MESSAGE]


def mailer(office: PostOffice, credentials: str = "") -> SmtpMailer:
    return SmtpMailer(parse_server(office.url.replace("://", f"://{credentials}")), name="example.com")


async def test_without_starttls_no_password_is_said() -> None:
    """127.0.0.2 is another host to us, though it is this machine."""
    async with with_password("127.0.0.2") as office:
        with pytest.raises(Throttled):
            await mailer(office, f"{USER}:secret@").check()
        assert office.tried == 0


def with_password(host: str = "127.0.0.1") -> AbstractAsyncContextManager[PostOffice]:
    return post_office(host=host, auth_require_tls=False)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Give the context of a client that trusts it, and of the server that has it."""
    path = self_signed(folder, "127.0.0.1")
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(path)
    return ssl.create_default_context(cafile=str(path)), theirs
