"""The load balancer and its listeners.

https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html
"""

import re
from typing import Final

from wealist.checks.hardening.rule import Rule, Scope, said, unlike, where_it_lasts
from wealist.model.stack import Resource

_MODERN_TLS: Final = re.compile(r"ELBSecurityPolicy-TLS13-1-[23]-(?!Ext)[\w-]+")
"""TLS 1.3, with 1.2 at the least; the `Ext` policies add old ciphers.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
"""


def invalid_headers_are_dropped(balancer: Resource, _: Scope) -> str | None:
    """A service never sees a header that is none."""
    return unlike(balancer, "drop_invalid_header_fields", accepts=(True,))


def requests_are_synchronized(balancer: Resource, _: Scope) -> str | None:
    """No request can hide in another one; `defensive` is also what AWS does unasked."""
    return unlike(balancer, "desync_mitigation_mode", accepts=("defensive", "strictest"))


def deletion_is_refused(balancer: Resource, _: Scope) -> str | None:
    """Nobody deletes it by hand."""
    return unlike(balancer, "enable_deletion_protection", accepts=(True,))


def requests_are_logged(balancer: Resource, _: Scope) -> str | None:
    """Each request leaves a line in a bucket."""
    logs = balancer.block("access_logs")
    return None if logs.get("enabled") is True and logs.get("bucket") else said("access_logs", dict(logs) or None)


def http_redirects_to_https(listener: Resource, _: Scope) -> str | None:
    """Plain HTTP only says where HTTPS is, for good."""
    wrong = [
        action
        for action in listener.blocks("default_action") or [{}]
        if action.get("type") != "redirect"
        or (redirect := listener_redirect(action)).get("protocol") != "HTTPS"
        or redirect.get("status_code") != "HTTP_301"
    ]
    return said("default_action", wrong) if wrong else None


def listener_redirect(action: object) -> dict[str, object]:
    """The redirect of a listener's action."""
    found = action.get("redirect") if isinstance(action, dict) else None
    found = found[0] if isinstance(found, list) and found else found
    return found if isinstance(found, dict) else {}


def tls_is_modern(listener: Resource, _: Scope) -> str | None:
    """TLS 1.2 at the least."""
    policy = listener.get("ssl_policy")
    return None if isinstance(policy, str) and _MODERN_TLS.fullmatch(policy) else said("ssl_policy", policy)


def unknown_paths_are_not_found(listener: Resource, _: Scope) -> str | None:
    """What no rule routes reaches no service."""
    for action in listener.blocks("default_action") or [{}]:
        answer = action.get("fixed_response")
        answer = answer[0] if isinstance(answer, list) and answer else answer
        if action.get("type") != "fixed-response" or not answer or answer.get("status_code") != "404":
            return said("default_action", action or None)
    return None


def _is_http(listener: Resource, _: Scope) -> bool:
    return listener.get("protocol") not in {"HTTPS", "TLS"}


def _is_https(listener: Resource, scope: Scope) -> bool:
    return not _is_http(listener, scope)


_BALANCER: Final = ("aws_lb", "aws_alb")
_LISTENER: Final = ("aws_lb_listener", "aws_alb_listener")
RULES: Final = (
    Rule("ELB.4", _BALANCER, invalid_headers_are_dropped, "set drop_invalid_header_fields to true"),
    Rule("ELB.12", _BALANCER, requests_are_synchronized, "set desync_mitigation_mode to defensive"),
    Rule("ELB.6", _BALANCER, deletion_is_refused, "set enable_deletion_protection to true", where_it_lasts),
    Rule("ELB.5", _BALANCER, requests_are_logged, "enable access_logs, into the bucket of access logs"),
    Rule("ELB.1", _LISTENER, http_redirects_to_https, "redirect to HTTPS with 301, and nothing else", _is_http),
    Rule("ELB.17", _LISTENER, tls_is_modern, "choose ELBSecurityPolicy-TLS13-1-2-2021-06 or a stricter one", _is_https),
    Rule(
        "load_balancer.default_action",
        _LISTENER,
        unknown_paths_are_not_found,
        "answer with a fixed response of 404, and route by rules",
        _is_https,
    ),
)
