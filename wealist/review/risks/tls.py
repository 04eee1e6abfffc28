"""Certificates, and how traffic is encrypted."""

import re
from collections.abc import Iterator
from typing import Final

from wealist.review.changes import Action, Change, Plan
from wealist.review.difference import difference
from wealist.review.finding import Finding, Kind, Severity, code
from wealist.review.risks.reachability import given
from wealist.review.values import UNKNOWN, Value, first

_FORCE_SSL: Final = "rds.force_ssl"
ATTRIBUTES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "aws_lb_listener": (("ssl_policy",), ("certificate_arn",), ("protocol",)),
    "aws_cloudfront_distribution": (
        ("viewer_certificate",),
        ("default_cache_behavior", "viewer_protocol_policy"),
    ),
    "aws_acm_certificate": (("domain_name",), ("subject_alternative_names",), ("validation_method",)),
    "aws_elasticache_replication_group": (("transit_encryption_enabled",), ("transit_encryption_mode",)),
    "aws_db_parameter_group": ((_FORCE_SSL,),),
    "aws_db_instance": (("ca_cert_identifier",),),
}
"""Type → what decides how it is reached encrypted."""

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
    """What changes about encryption on the way."""
    if change.action not in {Action.UPDATE, Action.REPLACE}:
        return
    for path in ATTRIBUTES.get(change.type, ()):
        name = ".".join(path)
        before, after = (_value(change, side, path) for side in (change.before, change.after))
        if change.action is Action.REPLACE and after is UNKNOWN and not given(change, path[0], plan):
            continue  # a new resource has new values of its own
        lines = tuple(difference(before, after, name))
        if lines:
            severity, effect = _judged(before, after)
            yield Finding(severity, Kind.TLS, change.address, ("changes ", code(name), effect), lines)


def _value(change: Change, side: Value, path: tuple[str, ...]) -> Value:
    """The value at a path; of a parameter group, that of the parameter."""
    if change.type != "aws_db_parameter_group":
        return first(side, *path)
    parameters = side.get("parameter") if isinstance(side, dict) else None
    for parameter in parameters if isinstance(parameters, list) else []:
        if first(parameter, "name") == path[0]:
            return first(parameter, "value")
    return None


def _judged(before: Value, after: Value) -> tuple[Severity, str]:
    """How bad a change is, as far as its values tell."""
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
    found = _OLDEST.search(name)
    if found:
        return int(found[1])
    return 0 if name.startswith(("ELBSecurityPolicy-2", "TLSv1", "SSLv3")) else None
