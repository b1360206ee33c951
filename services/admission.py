"""Whom the operator's settings let in on the web: asked at each sign-in, and again at each request."""

import msgspec

from engine.allowed_emails import AllowedEmails
from engine.models.session import Session, SignedIn, User

LOCAL = "local"


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """``issuer`` is the operator's own ("" for none), ``allowed`` whom it may bring.

    ``with_passwords`` says whether passwords of ours are good. Of people from Slack these settings say nothing.
    """

    issuer: str = ""
    allowed: AllowedEmails
    with_passwords: bool

    def admits(self, who: SignedIn) -> bool:
        """Whether somebody whom the issuer signed in may come."""
        return self.allowed.admits(who.email, is_proven=who.has_proven_email)

    def keeps(self, user: User, session: Session) -> bool:
        """Whether somebody who is signed in could sign in like that today.

        Settings are read when a process starts, so that a name taken off the list then ends what was begun under it.
        """
        if user.role is None:  # Slack's people: their role, which only Slack gives, is asked for anyway.
            return True
        if user.issuer == LOCAL:
            return self.with_passwords
        return user.issuer == self.issuer and self.allowed.admits(
            session.proven_email, is_proven=bool(session.proven_email)
        )
