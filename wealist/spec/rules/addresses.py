"""Which addresses mail can be sent to."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from wealist.spec.problems import Problem

_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.IGNORECASE,
)
"""The dotted form of RFC 5322, section 3.4.1, at a name with a top-level domain: what a mail program writes."""
_LONGEST_ADDRESS: Final = 254
"""https://www.rfc-editor.org/errata/eid1690"""


def is_address(email: str) -> bool:
    """Whether mail can be sent to an address."""
    return len(email) <= _LONGEST_ADDRESS and bool(_ADDRESS.fullmatch(email))


def wrong_addresses(owner: str, field: str, emails: Sequence[str], remedy: str) -> Iterator[Problem]:
    """Those that are none, or that are there twice.

    Args:
        owner: Whose setting it is: an environment's, or the account's.
        field: The setting.
        emails: Its value.
        remedy: What to write in place of one that is none.
    """
    for number, email in enumerate(emails):
        place = f"{field}[{number}]"
        if not is_address(email):
            yield Problem(owner, place, email, "is no e-mail address", remedy)
        elif email.lower() in [each.lower() for each in emails[:number]]:
            yield Problem(owner, place, email, "is there twice", "write each address once")
