"""Where the load balancer of a synthesized stack leads a request, by what AWS documents and without the guards."""

import re

from tests.synthesized import Stack, address_of


def port_for(stack: Stack, path: str) -> int | None:
    """The port that a request by HTTPS for a path is forwarded to; None where the load balancer answers by itself.

    Rules are tried by their priority. Patterns take the path as the client sent it: letters differ by case, nothing is
    decoded, `*` is any text and `?` any one character.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions
    """
    listener = stack.only("aws_lb_listener", port=443)
    rules = [rule for rule in stack.all("aws_lb_listener_rule") if rule.refers_to("listener_arn") == listener.address]
    for rule in sorted(rules, key=lambda rule: rule["priority"]):
        (condition,), (action,) = rule["condition"], rule["action"]
        if any(_takes(pattern, path) for pattern in condition["path_pattern"]["values"]):
            forwards = action["type"] == "forward"
            return int(stack.at(address_of(action["target_group_arn"]))["port"]) if forwards else None
    return None


def _takes(pattern: str, path: str) -> bool:
    wild = {"*": ".*", "?": "."}
    return re.fullmatch("".join(wild.get(each, re.escape(each)) for each in pattern), path, re.DOTALL) is not None
