"""Ways to let the internet call what only instances should: one fault each."""

from typing import Final

from tests.guarded import Edit, faults
from tests.unit.checks.faults.edits import add, both, drop, put

_RULES: Final = "aws_lb_listener_rule"
_USER: Final = f"{_RULES}.load_balancer_user_internal"
_BOARD: Final = f"{_RULES}.load_balancer_board_internal"
_HTTP: Final = "${aws_lb_listener.load_balancer_http.arn}"
_HTTPS: Final = "${aws_lb_listener.load_balancer_https.arn}"
_USERS: Final = "${aws_lb_target_group.load_balancer_user_tg.arn}"
_NOT_FOUND: Final = [{"type": "fixed-response", "fixed_response": {"content_type": "text/plain", "status_code": "404"}}]


def _closing(rule: str, *patterns: str) -> Edit:
    """A closing rule with other patterns."""
    return put(f"{rule}.condition.0.path_pattern.values", to=list(patterns))


def _forwarding(listener: str, *conditions: dict[str, object], priority: int) -> Edit:
    """One more rule that forwards to the user service."""
    action = [{"type": "forward", "target_group_arn": _USERS}]
    return add(_RULES, listener_arn=listener, priority=priority, condition=list(conditions), action=action)


def _paths(*patterns: str) -> dict[str, object]:
    return {"path_pattern": {"values": list(patterns)}}


CLOSING: Final[dict[str, Edit]] = {
    "the rule that closes Actuator is removed": drop(_RULES, "load_balancer_user_internal"),
    "the rule that closes the board service's metrics is removed": drop(_RULES, "load_balancer_board_internal"),
    "the rule that closes Actuator comes after the one that forwards": put(f"{_USER}.priority", to=11),
    "the rule that closes Actuator has the number of the one that forwards": put(f"{_USER}.priority", to=10),
    "the rule that closes Actuator has no number": put(f"{_USER}.priority", to=None),
    "another path than Actuator's is closed": _closing(_USER, "/api/users/*health*"),
    "another path than the metrics' is closed": _closing(_BOARD, "/api/boards/health*"),
    "Actuator is closed for another service": _closing(_USER, "/api/boards/*actuator*"),
    "Actuator is closed below a wildcard in the middle": _closing(_USER, "/api/users/actuator/*/*"),
    "Actuator is closed by a wildcard that leaves a letter out": _closing(_USER, "/api/users/*act?ator/*"),
    "the metrics are closed by a wildcard in the middle": _closing(_BOARD, "/api/boards/*/metrics*"),
    "Actuator is closed in another letter case": _closing(_USER, "/api/users/*Actuator*"),
    "the metrics are closed in capital letters": _closing(_BOARD, "/API/BOARDS/METRICS*"),
    "Actuator is closed with a slash at its end": _closing(_USER, "/api/users/actuator/", "/api/users/actuator/*"),
    "Actuator is closed without what is below it": _closing(_USER, "/api/users/actuator"),
    "the metrics are closed with a slash at their end": _closing(_BOARD, "/api/boards/metrics/*"),
    "Actuator is closed with an encoded character": _closing(_USER, "/api/users/*%61ctuator*"),
    "the metrics are closed with an encoded character": _closing(_BOARD, "/api/boards/%6Detrics*"),
    "Actuator is closed in its plainest spelling alone": _closing(_USER, "/api/users/actuator*"),
    "Actuator is closed by an expression": _closing(_USER, "${var.patterns}"),
    "Actuator is closed for some hosts alone": put(
        f"{_USER}.condition", to=[_paths("/api/users/*actuator*"), {"host_header": {"values": ["api.wealist.co.kr"]}}]
    ),
    "Actuator is closed on the listener of plain HTTP": put(f"{_USER}.listener_arn", to=_HTTP),
    "Actuator's requests are answered with 200": put(f"{_USER}.action.0.fixed_response.status_code", to="200"),
    "a rule closes what no service closes": add(
        _RULES, listener_arn=_HTTPS, priority=1, condition=[_paths("/api/users/me")], action=_NOT_FOUND
    ),
}
"""Edits of the rules that close internal paths, which only the proof of internal paths notices."""

FORWARDING: Final[dict[str, Edit]] = {
    "the rule that closes Actuator forwards": put(
        f"{_USER}.action", to=[{"type": "forward", "target_group_arn": _USERS}]
    ),
    "Actuator is forwarded by a rule of its own": _forwarding(_HTTPS, _paths("/api/users/actuator/*"), priority=1),
    "Actuator is forwarded for every service": _forwarding(_HTTPS, _paths("/*/actuator/*"), priority=1),
    "Actuator is forwarded by plain HTTP": _forwarding(_HTTP, _paths("/api/users/*"), priority=10),
    "a host's requests are forwarded whatever their path": _forwarding(
        _HTTPS, {"host_header": {"values": ["actuator.wealist.co.kr"]}}, priority=2
    ),
    "some clients' requests are forwarded whatever their path": _forwarding(
        _HTTPS, {"http_header": {"http_header_name": "x-debug", "values": ["*"]}}, priority=3
    ),
    "Actuator is forwarded to a share of instances": both(
        _forwarding(_HTTPS, _paths("/api/users/*"), priority=4),
        put(
            f"{_RULES}.mistake.action",
            to=[{"type": "forward", "forward": {"target_group": [{"arn": _USERS, "weight": 1}]}}],
        ),
    ),
    "Actuator is forwarded to a group that is not read": both(
        _forwarding(_HTTPS, _paths("/api/users/*"), priority=5),
        put(f"{_RULES}.mistake.action", to=[{"type": "forward", "target_group_arn": "arn:aws:x:targetgroup/x/1"}]),
    ),
    "what plain HTTP asks for is forwarded": put(
        "aws_lb_listener.load_balancer_http.default_action", to=[{"type": "forward", "target_group_arn": _USERS}]
    ),
}
"""Edits that forward more than routes describe: the proof of routes notices them too."""

FAULTS: Final = faults("reachability.internal", CLOSING | FORWARDING)
