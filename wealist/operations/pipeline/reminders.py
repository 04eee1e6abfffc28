"""What ends, told in time: one issue each for waivers, for certificates and for versions past their support.

Every night each issue is opened, brought up to date or closed, by what is found. Certificates are looked at where users
get them, so that no role in AWS is needed, and that one which nobody installed is seen as well.
"""

import datetime as dt
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from wealist.checks import waivers
from wealist.operations.preflight import support
from wealist.spec.environments import load

NOTICE: Final = dt.timedelta(days=30)
"""How long before its end a certificate is reported. ACM renews 45 days before, or earlier.

https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
"""
_HTTPS: Final = 443
_WITHIN: Final = 10.0
"""Seconds for a connection."""


@dataclass(frozen=True)
class Reminder:
    """An issue about what ends.

    Attributes:
        name: Of its marker.
        title: The issue's.
        about: Its first sentence.
        none: What is said where nothing is left.
        find: The lines of a day; none where nothing ends.
    """

    name: str
    title: str
    about: str
    none: str
    find: Callable[[dt.date], list[str]]

    @property
    def marker(self) -> str:
        """What the issue begins with, by which it is found again."""
        return f"<!-- wealist-{self.name} -->"


def reminders() -> tuple[Reminder, ...]:
    """Every issue that is kept."""
    return (
        Reminder(
            "waivers",
            "Waivers that end",
            f"Nothing fails by them. For each, {waivers.REVIEW}.",
            f"No waiver ends within {waivers.NOTICE.days} days",
            _waivers,
        ),
        Reminder(
            "certificates",
            "Certificates that end",
            "What users get. ACM renews by itself where its DNS record is there: see docs/pipeline.md.",
            f"Every certificate lasts for {NOTICE.days} days",
            lambda today: list(certificates(_domains(), today)),
        ),
        Reminder(
            "versions",
            "Versions whose support ends",
            "Change each to a newer one, in the settings of the environments, Pipfile or the workflows.",
            f"Every version is supported for {support.NOTICE.days} days",
            lambda today: support.ending(load(), today),
        ),
    )


def certificates(
    domains: Iterable[tuple[str, int]], today: dt.date, context: ssl.SSLContext | None = None
) -> Iterator[str]:
    """The certificates that end within `NOTICE`, or are not to be had.

    Args:
        domains: Host and port of each.
        today: The day.
        context: Whom to trust, where that is not whom this machine trusts.
    """
    for host, port in domains:
        try:
            ends = _end(host, port, context or ssl.create_default_context())
        except OSError as error:  # of TLS, too
            yield f"{host}: its certificate is not to be had: {error.strerror or error}"
            continue
        if ends - today <= NOTICE:
            yield f"{host}: its certificate ends on {ends}"


def _end(host: str, port: int, context: ssl.SSLContext) -> dt.date:
    with (
        socket.create_connection((host, port), timeout=_WITHIN) as plain,
        context.wrap_socket(plain, server_hostname=host) as wrapped,
    ):
        found = wrapped.getpeercert() or {}
    return dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), dt.UTC).date()


def _domains() -> list[tuple[str, int]]:
    return sorted({(end.domain, _HTTPS) for each in load() for end in (each.site, each.api)})


def _waivers(today: dt.date) -> list[str]:
    return [waivers.expiry_note(each, today) for each in waivers.expiring(waivers.read(), today)]
