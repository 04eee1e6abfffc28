"""Certificates, and how connections are encrypted. The column `tls` of types.toml names the arguments that decide."""

import re
from collections.abc import Iterator
from typing import Final

from wealist.model.plan_values import UNKNOWN, Value
from wealist.model.types import row
from wealist.review.changes import MADE, Action, Change, Plan
from wealist.review.difference import difference
from wealist.review.finding import Finding, Kind, Severity, code
from wealist.review.risks.references import argument, references
from wealist.review.values import at, first

_OLDEST: Final = re.compile(r"(?:TLS13-1-|TLS-1-|TLSv1\.)(\d)")
"""The oldest version that a policy of a load balancer or of CloudFront accepts.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
"""
_NO_LONGER: Final = "traffic is no longer encrypted"
_WEAKER: Final[dict[tuple[Value, str], tuple[Value, ...]]] = {
    ("HTTPS", _NO_LONGER): ("HTTP",),
    ("TLS", _NO_LONGER): ("TCP",),
    (True, _NO_LONGER): (False, None),
    ("1", "connections to the database may be unencrypted"): ("0", None),
    ("required", _NO_LONGER): ("preferred", None),
    ("https-only", "HTTP is answered without encryption"): ("allow-all",),
    ("redirect-to-https", "HTTP is answered without encryption"): ("allow-all",),
}
"""A value, and what it means when one of others takes its place."""


def find(change: Change, plan: Plan) -> Iterator[Finding]:
    """Report what changes about encryption in transit."""
    known = row(change.type)
    for path in known.tls if known and change.action in {Action.UPDATE, Action.REPLACE} else ():
        before, after = at(change.before, path), at(change.after, path)
        if change.action is Action.REPLACE and after is UNKNOWN and not references(change, argument(path), plan):
            continue  # AWS chooses it for the new resource
        lines = tuple(difference(before, after, path))
        if lines:
            severity, effect = _judged(before, after)
            yield Finding(severity, Kind.TLS, change.address, ("changes ", code(path), effect), lines, path)
    if change.action in MADE and _forwards_plain(change, change.after) and not _forwards_plain(change, change.before):
        plain = ("forwards plain HTTP: what clients send is not encrypted",)
        yield Finding(Severity.CAUTION, Kind.TLS, change.address, plain)


def _judged(before: Value, after: Value) -> tuple[Severity, str]:
    """How bad a change is, as far as its values show."""
    old, new = oldest_version(before), oldest_version(after)
    if old is not None and new is not None and new < old:
        return Severity.DANGER, f": TLS 1.{new} is accepted again"
    for (was, effect), will in _WEAKER.items():
        if before == was and any(after == each for each in will):
            return Severity.DANGER, f": {effect}"
    return Severity.CAUTION, ""


def oldest_version(policy: Value) -> int | None:
    """The y of the oldest TLS 1.y that a policy accepts, where its name says so."""
    name = first(policy, "minimum_protocol_version") if isinstance(policy, list) else policy
    if not isinstance(name, str):
        return None
    version = _OLDEST.search(name)
    if version:
        return int(version[1])
    return 0 if name.startswith(("ELBSecurityPolicy-2", "TLSv1", "SSLv3")) else None


def _forwards_plain(change: Change, values: Value) -> bool:
    actions = first(values, "default_action") if change.type == "aws_lb_listener" else None
    forwards = isinstance(actions, list) and any(first(each, "type") == "forward" for each in actions)
    return forwards and first(values, "protocol") == "HTTP"
