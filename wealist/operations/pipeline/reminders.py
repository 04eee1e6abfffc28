"""Reminders of what expires: one issue each for waivers, certificates, and versions at the end of their support.

The nightly workflow opens, updates or closes each issue. Certificates are read from the sites and APIs themselves: this
needs no role in AWS, and also detects a renewed certificate that was not deployed.
"""

import datetime as dt
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from wealist.checks import waivers
from wealist.operations.preflight import end_of_support
from wealist.spec.environments import load

NOTICE: Final = dt.timedelta(days=30)
"""How long before its expiry a certificate is reported. ACM renews at least 45 days before.

https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
"""
_HTTPS: Final = 443
_TIMEOUT: Final = 10.0
"""Seconds for a connection."""


@dataclass(frozen=True)
class Reminder:
    """An issue about one kind of expiry.

    Attributes:
        name: The name in the issue's marker.
        title: The issue's title.
        about: The issue's first sentence: what to do.
        none: The comment that closes the issue when nothing is left.
        find: Returns the issue's lines for a day; empty if nothing expires.
    """

    name: str
    title: str
    about: str
    none: str
    find: Callable[[dt.date], list[str]]

    @property
    def marker(self) -> str:
        """The beginning of the issue's text, by which later runs find the issue."""
        return f"<!-- wealist-{self.name} -->"


def reminders() -> tuple[Reminder, ...]:
    """Return every reminder."""
    return (
        Reminder(
            "waivers",
            "Waivers that end",
            f"No check fails. For each, {waivers.REVIEW}.",
            f"No waiver ends within {waivers.NOTICE.days} days",
            _waivers,
        ),
        Reminder(
            "certificates",
            "Certificates that end",
            "As users receive them. ACM renews a certificate while its DNS record exists: see docs/pipeline.md.",
            f"No certificate ends within {NOTICE.days} days",
            lambda today: list(certificates(_endpoints(), today)),
        ),
        Reminder(
            "versions",
            "Versions whose support ends",
            "Change each to a newer one, in the settings of the environments, Pipfile or the workflows.",
            f"Every version is supported for {end_of_support.NOTICE.days} days",
            lambda today: end_of_support.ending(load(), today),
        ),
    )


def certificates(endpoints: Iterable[tuple[str, int]], today: dt.date) -> Iterator[str]:
    """Return a line for each host and port whose certificate expires within `NOTICE`, or is not trusted here."""
    for host, port in endpoints:
        try:
            ends = _expiry(host, port)
        except OSError as error:  # includes ssl.SSLError
            yield f"{host}: its certificate cannot be verified: {error.strerror or error}"
            continue
        if ends - today <= NOTICE:
            yield f"{host}: its certificate ends on {ends}"


def _expiry(host: str, port: int) -> dt.date:
    with (
        socket.create_connection((host, port), timeout=_TIMEOUT) as plain,
        ssl.create_default_context().wrap_socket(plain, server_hostname=host) as encrypted,
    ):
        certificate = encrypted.getpeercert() or {}
    return dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), dt.UTC).date()


def _endpoints() -> list[tuple[str, int]]:
    return sorted({(endpoint.domain, _HTTPS) for each in load() for endpoint in (each.site, each.api)})


def _waivers(today: dt.date) -> list[str]:
    return [waivers.expiry_note(each, today) for each in waivers.expiring(waivers.read(), today)]
