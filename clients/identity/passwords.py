"""Passwords, hashed by argon2id with the library's own choice of costs."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class Argon2Passwords:
    """Checking takes as long for somebody who is not there, so that nobody can ask who is."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._nobody = ""

    def hash(self, password: str) -> str:
        """The hash to keep."""
        return self._hasher.hash(password)

    def matches(self, password_hash: str, password: str) -> bool:
        """Whether this is the password; an empty hash belongs to nobody."""
        if not password_hash and not self._nobody:
            self._nobody = self._hasher.hash("nobody")
        try:
            self._hasher.verify(password_hash or self._nobody, password)
        except (VerificationError, InvalidHashError, UnicodeError):
            return False
        return bool(password_hash)
