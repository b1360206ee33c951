"""What ``DD0C_SMTP_URL`` and the addresses beside it say."""

import re
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from engine.errors import InvalidSetting

_PORTS = {"smtp": 587, "smtps": 465}
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# Plain ASCII alone: no quotes, no comments, nothing that could begin another header or another SMTP command.
_ADDRESS = re.compile(rf"[A-Za-z0-9._%+-]{{1,64}}@{_LABEL}(?:\.{_LABEL}){{1,10}}")
_LONGEST_ADDRESS = 254
_MOST_READERS = 50
_MOST_CREDENTIAL = 500
_FORM = "is to be like smtp://user:password@mail.example.com:587 or smtps://user:password@mail.example.com:465"


class MailServer(msgspec.Struct, frozen=True):
    """A server that takes mail from us; without a ``user`` it asks for none. Its password is in no text of it."""

    host: str
    port: int
    is_tls: bool
    user: str = ""
    password: str = ""

    @property
    def needs_starttls(self) -> bool:
        """A password leaves this machine encrypted only. Without one, encryption is used where it is offered."""
        return not self.is_tls and bool(self.user) and self.host not in _HERE

    def __repr__(self) -> str:
        """Where it is."""
        return f"{self.host}:{self.port}"


def parse_server(url: str) -> MailServer:
    """Read a server's address. Raises InvalidSetting, which quotes nothing of it.

    >>> parse_server("smtp://ann:p%40ss@mail.example.com").password
    'p@ss'
    >>> parse_server("smtps://mail.example.com")
    mail.example.com:465
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidSetting(_FORM) from None
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or port == 0 or parts.path not in ("", "/"):
        raise InvalidSetting(_FORM)
    if parts.query or parts.fragment or any(char.isspace() for char in url):
        raise InvalidSetting(_FORM)
    user, password = _credentials(parts)
    return MailServer(host, port or _PORTS[parts.scheme], parts.scheme == "smtps", user, password)


def _credentials(parts: SplitResult) -> tuple[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if (user == "") ^ (password == ""):
        raise InvalidSetting(f"{_FORM}: a user and a password, or neither; characters such as / and @ as %2F and %40")
    if max(len(user), len(password)) > _MOST_CREDENTIAL or not (user + password).isprintable():
        raise InvalidSetting(_FORM)
    return user, password


def parse_address(text: str) -> str:
    """Give an e-mail address. Raises InvalidSetting.

    >>> parse_address(" ann@example.com ")
    'ann@example.com'
    """
    address = text.strip(" ")
    if len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise InvalidSetting("is to be like ann@example.com, an address alone, without a name or quotes")
    return address


def parse_readers(text: str) -> tuple[str, ...]:
    """Give the addresses of a comma list, each once, however it is spelled. Raises InvalidSetting.

    >>> parse_readers("ann@example.com, Ann@example.com, bob@example.com")
    ('ann@example.com', 'bob@example.com')
    """
    addresses = [parse_address(one) for one in text.split(",")] if text.strip() else []
    readers = tuple({one.casefold(): one for one in reversed(addresses)}.values())[::-1]
    if len(readers) > _MOST_READERS:
        raise InvalidSetting(f"may name {_MOST_READERS} addresses; give a list of your mail server's instead")
    return readers
