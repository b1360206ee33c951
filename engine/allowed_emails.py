"""Whom a list of e-mail addresses and domains lets in, where an issuer signs in more people than are meant."""

import re

import msgspec

from engine.errors import InputError

EVERYBODY = "*"
_ENTRY = re.compile(r"[^@\s,*]*@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)


class AllowedEmails(msgspec.Struct, frozen=True):
    """Addresses and domains in small letters; ``everybody`` asks for neither."""

    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    everybody: bool = False

    def admits(self, email: str, *, is_proven: bool) -> bool:
        """Whether this address may come in. One that the issuer did not prove could be anybody's.

        A domain stands for itself, not for those below it, and letters that only look or fold like others count for
        nothing.

        >>> allowed = parse_allowed("@acme.example, ann@home.example")
        >>> came = ("Bob@ACME.example", "ann@home.example", "eve@home.example")
        >>> [allowed.admits(email, is_proven=True) for email in came]
        [True, True, False]
        >>> allowed.admits("bob@acme.example", is_proven=False)
        False
        """
        if self.everybody:
            return True
        written = email.lower()
        return (
            is_proven and email.isascii() and (written in self.addresses or written.rpartition("@")[2] in self.domains)
        )


def parse_allowed(text: str) -> AllowedEmails:
    """Read addresses and domains with commas between them. Raises InputError for anything else.

    >>> parse_allowed("*").everybody
    True
    >>> parse_allowed("@acme.example").domains
    frozenset({'acme.example'})
    """
    entries = [entry.strip().lower() for entry in text.split(",") if entry.strip()]
    if entries == [EVERYBODY]:
        return AllowedEmails(everybody=True)
    wrong = [entry for entry in entries if not _ENTRY.fullmatch(entry)]
    if wrong or not entries:
        raise InputError("must be like @example.com,ann@example.org, or * for everybody whom the issuer signs in")
    return AllowedEmails(
        addresses=frozenset(entry for entry in entries if not entry.startswith("@")),
        domains=frozenset(entry[1:] for entry in entries if entry.startswith("@")),
    )
