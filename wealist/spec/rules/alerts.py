"""Rules about who is told of what (ADR 0059)."""

import re
from collections.abc import Iterator
from typing import Final

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem

_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.IGNORECASE,
)
"""The dotted form of RFC 5322, section 3.4.1, at a name with a top-level domain: what a mail program writes."""
_LONGEST_ADDRESS: Final = 254
"""https://www.rfc-editor.org/errata/eid1690"""


def alerts_go_to_addresses(environment: Environment) -> Iterator[Problem]:
    """At least one address, each of them one that mail can be sent to, and none twice."""
    if environment.alerts is None:
        return
    emails = environment.alerts.emails
    example = f'write one such as "operators@{environment.site.domain}"'
    if not emails:
        yield Problem(environment.name, "alerts.emails", emails, "tells nobody", f"{example}, or leave alerts out")
    for number, email in enumerate(emails):
        field = f"alerts.emails[{number}]"
        if len(email) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(email):
            yield Problem(environment.name, field, email, "is no e-mail address", example)
        elif email.lower() in [each.lower() for each in emails[:number]]:
            yield Problem(environment.name, field, email, "is there twice", "write each address once")


def alerts_have_limits_that_can_be_crossed(environment: Environment) -> Iterator[Problem]:
    """A budget and a number of connections that somebody can use up."""
    if environment.alerts is None:
        return
    for field, remedy in (
        ("monthly_budget_usd", "write what a month may cost in US dollars, such as 400"),
        ("database_connections", "write a number below the database's max_connections, such as 60"),
    ):
        value = getattr(environment.alerts, field)
        if value < 1:
            yield Problem(environment.name, f"alerts.{field}", value, "is below 1", remedy)
