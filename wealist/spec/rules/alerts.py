"""Rules about alerts and e-mail addresses (ADR 0059)."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem

_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.IGNORECASE,
)
"""The dotted form of RFC 5322, section 3.4.1, with a domain that has a top-level domain."""
_LONGEST_ADDRESS: Final = 254
"""https://www.rfc-editor.org/errata/eid1690"""


def alerts_have_addresses(environment: Environment) -> Iterator[Problem]:
    """Alerts need at least one valid address, and no address twice."""
    if environment.alerts is None:
        return
    emails = environment.alerts.emails
    example = f'write one such as "operators@{environment.site.domain}"'
    if not emails:
        yield Problem("alerts.emails", emails, "has no address", f"{example}, or leave alerts out")
    yield from wrong_addresses("alerts.emails", emails, example)


def connection_limit_is_positive(environment: Environment) -> Iterator[Problem]:
    """An alarm with a limit below 1 would always be active."""
    if environment.alerts and (connections := environment.alerts.database_connections) < 1:
        remedy = "write a number below the database's max_connections, such as 60"
        yield Problem("alerts.database_connections", connections, "is below 1", remedy)


def is_address(email: str) -> bool:
    """Whether an e-mail address is valid."""
    return len(email) <= _LONGEST_ADDRESS and bool(_ADDRESS.fullmatch(email))


def wrong_addresses(field: str, emails: Sequence[str], remedy: str) -> Iterator[Problem]:
    """Yield a problem for each invalid or repeated address.

    Args:
        field: Path of the setting.
        emails: Its value.
        remedy: What to write instead of an invalid address.
    """
    for number, email in enumerate(emails):
        place = f"{field}[{number}]"
        if not is_address(email):
            yield Problem(place, email, "is not an e-mail address", remedy)
        elif email.lower() in [each.lower() for each in emails[:number]]:
            yield Problem(place, email, "is a duplicate", "write each address once")
