"""Find where the load balancer of a synthesized stack forwards a request, by AWS's documented rules."""

import re

from tests.synthesized import Stack, address_of


def forwarded_port(stack: Stack, path: str) -> int | None:
    """Return the port that an HTTPS request for a path is forwarded to, or None if the load balancer answers itself.

    Rules are evaluated by priority. Patterns match the path as the client sent it: case-sensitive and not decoded; `*`
    matches any text and `?` any character.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions
    """
    listener = stack.only("aws_lb_listener", port=443)
    rules = [rule for rule in stack.all("aws_lb_listener_rule") if rule.refers_to("listener_arn") == listener.address]
    for rule in sorted(rules, key=lambda rule: rule["priority"]):
        (condition,), (action,) = rule["condition"], rule["action"]
        if any(_matches(pattern, path) for pattern in condition["path_pattern"]["values"]):
            forwards = action["type"] == "forward"
            return int(stack.at(address_of(action["target_group_arn"]))["port"]) if forwards else None
    return None


def _matches(pattern: str, path: str) -> bool:
    wildcards = {"*": ".*", "?": "."}
    return re.fullmatch("".join(wildcards.get(each, re.escape(each)) for each in pattern), path, re.DOTALL) is not None
