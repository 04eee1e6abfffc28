"""Rules about who is told of what (ADR 0059)."""

from collections.abc import Iterator

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem
from wealist.spec.rules.addresses import wrong_addresses


def alerts_go_to_addresses(environment: Environment) -> Iterator[Problem]:
    """At least one address, each of them one that mail can be sent to, and none twice."""
    if environment.alerts is None:
        return
    emails = environment.alerts.emails
    example = f'write one such as "operators@{environment.site.domain}"'
    if not emails:
        yield Problem(environment.name, "alerts.emails", emails, "tells nobody", f"{example}, or leave alerts out")
    yield from wrong_addresses(environment.name, "alerts.emails", emails, example)


def alerts_have_limits_that_can_be_crossed(environment: Environment) -> Iterator[Problem]:
    """A number of connections that somebody can use up."""
    if environment.alerts and (connections := environment.alerts.database_connections) < 1:
        remedy = "write a number below the database's max_connections, such as 60"
        yield Problem(environment.name, "alerts.database_connections", connections, "is below 1", remedy)
