from base64 import b64decode

import pytest

from wealist.operations.database.scram import verifier


def test_a_verifier_is_the_one_that_postgresql_computes() -> None:
    # PostgreSQL 17's own of the password `pencil`, with the salt that it chose.
    salt, keys = (
        "03vyI2TfWIl8ZvSkOebj6A==",
        "KkPQ2ocYFldiLa2NIfntBD9kBttC5N8ogVFgSvENhME=:ywnTsDYUJcZmFbyA0xL73UqSZEUOkoMAXb1nh6zkbnM=",
    )
    assert verifier("pencil", salt=b64decode(salt)) == f"SCRAM-SHA-256$4096:{salt}${keys}"


@pytest.mark.parametrize("password", ["", "pässword", "비밀번호", "tab\there", "line\n", "nul\0", "delete\x7f"])
def test_a_password_that_clients_would_change_before_they_use_it_is_refused(password: str) -> None:
    with pytest.raises(ValueError, match="is empty, or not of printable ASCII") as refused:
        verifier(password, salt=bytes(16))
    assert not password or password not in str(refused.value)
