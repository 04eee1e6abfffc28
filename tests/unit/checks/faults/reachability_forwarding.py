"""Ways to lead requests past what the routes describe: one fault each."""

from typing import Final

from tests.guarded import Edit, faults
from tests.unit.checks.faults.edits import add, put

_HTTP: Final = "${aws_lb_listener.load_balancer_http.arn}"
_HTTPS: Final = "${aws_lb_listener.load_balancer_https.arn}"
_USERS: Final = "${aws_lb_target_group.load_balancer_user_tg.arn}"
_BOARDS: Final = "${aws_lb_target_group.load_balancer_board_tg.arn}"
_STRANGERS: Final = "arn:aws:elasticloadbalancing:ap-northeast-2:111111111111:targetgroup/x/1"
_RULE: Final = "aws_lb_listener_rule.load_balancer_user_rule"
_GROUP: Final = "aws_autoscaling_group.backend_fleet_asg"
_REDIRECT: Final = "aws_lb_listener.load_balancer_http.default_action.0.redirect"
_CERTIFICATE: Final = "aws_lb_listener.load_balancer_https.certificate_arn"


def _forward(group: str) -> list[dict[str, object]]:
    return [{"type": "forward", "target_group_arn": group}]


def _rule(listener: str, action: object) -> Edit:
    """A rule that comes before all others."""
    condition = [{"path_pattern": {"values": ["/api/users/*"]}}]
    return add("aws_lb_listener_rule", listener_arn=listener, priority=1, condition=condition, action=action)


_EDITS: Final[dict[str, Edit]] = {
    "plain HTTP is forwarded by a rule": _rule(_HTTP, _forward(_USERS)),
    "requests for users are redirected to a stranger": _rule(
        _HTTPS, [{"type": "redirect", "redirect": {"host": "example.com", "status_code": "HTTP_302"}}]
    ),
    "requests for users are forwarded to a stranger": _rule(_HTTPS, _forward(_STRANGERS)),
    "a route has two rules": _rule(_HTTPS, _forward(_USERS)),
    "a route's own rule answers by itself": put(
        f"{_RULE}.action", to=[{"type": "fixed-response", "fixed_response": {"status_code": "200"}}]
    ),
    "a route's rule leads to another route's group": put(f"{_RULE}.action", to=_forward(_BOARDS)),
    "a route's rule leads to one group or the other": put(
        f"{_RULE}.action", to=_forward(f'${{true ? "{_STRANGERS}" : {_USERS[2:-1]}}}')
    ),
    "a route's requests are shared with a stranger": put(
        f"{_RULE}.action",
        to=[{"type": "forward", "forward": {"target_group": [{"arn": _USERS}, {"arn": _STRANGERS}]}}],
    ),
    "a route takes some methods alone": put(
        f"{_RULE}.condition",
        to=[{"path_pattern": {"values": ["/api/users/*"]}}, {"http_request_method": {"values": ["GET"]}}],
    ),
    "a rule is of a listener elsewhere": put(f"{_RULE}.listener_arn", to="arn:aws:elasticloadbalancing:x:listener/1"),
    "HTTP redirects to another host": put(f"{_REDIRECT}.host", to="example.com"),
    "HTTP redirects to another port": put(f"{_REDIRECT}.port", to="8443"),
    "the API has no certificate": put(_CERTIFICATE, to=None),
    "the API shows a certificate of somebody": put(_CERTIFICATE, to="arn:aws:acm:ap-northeast-2:111111111111:x"),
    "the rule that closes Actuator rewrites paths": put(
        "aws_lb_listener_rule.load_balancer_user_internal.transform", to=[{"type": "url-rewrite"}]
    ),
    "a listener is of a load balancer elsewhere": put(
        "aws_lb_listener.load_balancer_https.load_balancer_arn", to="arn:aws:elasticloadbalancing:x:loadbalancer/1"
    ),
    "a fleet registers with a stranger's group": put(f"{_GROUP}.target_group_arns", to=[_USERS, _BOARDS, _STRANGERS]),
    "a fleet registers with a classic load balancer": put(f"{_GROUP}.load_balancers", to=["classic"]),
    "a fleet registers with a lattice": put(
        f"{_GROUP}.traffic_source", to=[{"identifier": "x", "type": "vpc-lattice"}]
    ),
}

FAULTS: Final = faults("reachability.forwarding", _EDITS)
