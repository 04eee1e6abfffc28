"""What the default network ACL closes: ports of remote shells that no service has, so that every other proof holds.

https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from wealist.checks.reachability.reading import Gap
from wealist.model.network import EVERYTHING, Ports, read_ports
from wealist.model.stack import StackJson
from wealist.spec.environment import Environment

_ACL: Final = "aws_default_network_acl"
_REMOTE_SHELLS: Final = frozenset({22, 3389})


def acl_gaps(stack: StackJson, environment: Environment) -> Iterator[Gap]:
    """Rules of the default network ACL that may close a way which the proofs take for open."""
    closable = _REMOTE_SHELLS - {route.port for route in environment.routes}
    for acl in stack.all(_ACL):
        for direction in ("ingress", "egress"):
            for problem in _problems(acl.blocks(direction), closable):
                yield Gap(acl.address, f"has {direction} rules of which {problem}")


def _problems(rules: Sequence[Mapping[str, Any]], closable: Collection[int]) -> Iterator[str]:
    *denials, last = sorted(rules, key=lambda rule: rule.get("rule_no") or 0) or [{}]
    if last.get("action") != "allow" or last.get("cidr_block") != "0.0.0.0/0" or _ports(last) != Ports(EVERYTHING):
        yield "the last one does not let everything through"
    for each in denials:
        if each.get("action") != "deny" or _ports(each) not in {Ports("tcp", port, port) for port in closable}:
            yield f"rule {each.get('rule_no')} does more than to deny SSH or RDP"


def _ports(rule: Mapping[str, Any]) -> object:
    return read_ports(rule, "protocol")
