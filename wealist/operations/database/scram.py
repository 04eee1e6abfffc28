r"""What PostgreSQL keeps of a password, so that the password itself never reaches the server or its log.

    password ─PBKDF2(salt, 4096)─► salted ─┬─ HMAC "Client Key" ─► SHA-256: StoredKey
                                           └─ HMAC "Server Key" ─► ServerKey

The server takes such a verifier in place of a password, as psql's `\password` sends it.
https://www.postgresql.org/docs/17/catalog-pg-authid.html, RFC 5802 (section 3), RFC 7677.
"""

import hmac
from base64 import b64encode
from hashlib import pbkdf2_hmac, sha256
from typing import Final

_ITERATIONS: Final = 4096
"""PostgreSQL's own default. More would slow every log-in, and a generated password of 40 characters needs no more."""


def verifier(password: str, *, salt: bytes) -> str:
    """`SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>`.

    Args:
        password: Of printable ASCII, which SASLprep (RFC 4013) leaves as it is.
        salt: 16 bytes that no other role shares. They are no secret: the server tells them to whoever logs in.

    Raises:
        ValueError: the password is empty or has other characters.
    """
    if not (password and password.isascii() and password.isprintable()):
        raise ValueError("is empty, or not of printable ASCII characters alone")
    salted = pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored_key = sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [b64encode(part).decode() for part in (salt, stored_key, server_key)]
    return "SCRAM-SHA-256${}:{}${}:{}".format(_ITERATIONS, *encoded)
