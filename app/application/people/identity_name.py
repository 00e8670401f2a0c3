"""By which name an OpenID Connect issuer knows a person, in the one way of writing it that is kept and compared."""

import string

LONGEST = 320
"""An e-mail address has no more: 64 before the @, 255 after it (RFC 5321, 4.5.3.1)."""
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def identity_name(told: str) -> str | None:
    """As it is kept; None where it cannot be one. Of an e-mail address the letters A to Z are lower case. Others stay as they are: some
    letters of other alphabets turn into ASCII ones by it (KELVIN SIGN into k), and the address would be somebody else's. What is no
    address, a `sub` for one, is kept to the letter."""
    if not told or told != told.strip() or len(told) > LONGEST or not told.isprintable():
        return None
    return told.translate(_LOWER) if "@" in told else told
