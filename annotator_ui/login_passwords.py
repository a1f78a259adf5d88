"""Hashes passwords and tells right ones from wrong ones. Refuses to know users, logins and how often somebody tried."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import InputError
from engine.ports import User

SHORTEST, LONGEST = 8, 200
_AT_ONCE = 2  # each hash takes 64 MiB: a flood of logins must not fill the memory


class Passwords:
    """Argon2id with the parameters of today. Hashes made with others still verify, and say that they are old."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Take the library's parameters (RFC 9106, low memory) unless others are given."""
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash("the password of nobody")
        self._turns = BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        """Return a salted hash that says how it was made.

        Raises:
            InputError: the password is too short or too long.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise InputError(
                f"a password of {len(password)} characters: expected {SHORTEST} to {LONGEST}; "
                "choose another, several words are easy to remember"
            )
        with self._turns:
            return self._hasher.hash(_bytes(password))

    def right(self, user: User | None, password: str) -> bool:
        """Say whether this is the password of an active user; the work is the same for nobody and for the inactive."""
        kept = self._nobody if user is None else user.password
        try:
            with self._turns:
                self._hasher.verify(kept, _bytes(password[: LONGEST + 1]))
        except (VerificationError, InvalidHashError):
            return False
        return user is not None and user.active

    def old(self, user: User) -> bool:
        """Say whether a user's hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(user.password)


def _bytes(password: str) -> bytes:
    """Return what is hashed; halves of characters, which no keyboard types, are allowed to be wrong."""
    return password.encode(errors="surrogatepass")
