"""Meta-arguments: each resource is made once, by our provider, and as it is written, and runs no program.

What another one would make of a resource stands nowhere in the JSON: with `count = 0` it is not there at all.

https://developer.hashicorp.com/terraform/language/meta-arguments
"""

from collections.abc import Iterator, Mapping
from typing import Final

from wealist.checks.finding import Finding
from wealist.model.stack import Resource, StackJson

CONTROL: Final = "stack.arguments"
_META: Final = frozenset({"connection", "count", "dynamic", "for_each", "provider", "providers", "provisioner"})
_LIFECYCLE: Final = frozenset({"create_before_destroy", "ignore_changes", "prevent_destroy"})
_IN_THE_CDN_REGION: Final = frozenset(
    {
        "aws_acm_certificate",
        "aws_acm_certificate_validation",
        "aws_cloudwatch_log_delivery",
        "aws_cloudwatch_log_delivery_destination",
        "aws_cloudwatch_log_delivery_source",
    }
)
"""Types of which CloudFront asks that they be in us-east-1."""
_OF_A_MODULE: Final = frozenset({"aws_s3_object"})
"""Types of which there is one for each output of a module: its files."""
_IGNORED: Final[Mapping[str, tuple[object, ...]]] = {
    # Scaling owns it.
    "aws_autoscaling_group": (["desired_capacity"],),
    # CodeDeploy moves its group to the copy of a blue-green deployment.
    "aws_codedeploy_deployment_group": (["autoscaling_groups"],),
    # A failover moves it.
    "aws_db_instance": (["availability_zone"],),
    # Written by an operator, or generated once by an apply.
    "aws_ssm_parameter": ("all",),
}
"""Type → what its `ignore_changes` may be."""


def strange(stack: StackJson) -> Iterator[Finding]:
    """Meta-arguments that change what is made, but for those that the constructs write."""
    for things in (stack.resources, stack.data, stack.modules):
        for thing in things.values():
            for name in _META & thing.values.keys():
                if not _is_usual(stack, thing, name):
                    yield _finding(stack, thing, f"has {name} = {thing.get(name)!r}")
            if any(map(_has_dynamic_blocks, thing.values.values())):
                yield _finding(stack, thing, "has dynamic blocks inside its blocks")
            if lifecycle := thing.get("lifecycle"):
                for problem in _of_lifecycle(thing.type, lifecycle):
                    yield _finding(stack, thing, f"has {problem}")


def _is_usual(stack: StackJson, thing: Resource, name: str) -> bool:
    managed, value = thing.address in stack.resources, thing.get(name)
    if name == "provider":
        return managed and thing.type in _IN_THE_CDN_REGION and value == "aws.cdn"
    if name == "for_each":
        source = stack.target(value)
        return managed and thing.type in _OF_A_MODULE and source is not None and source.type == "module"
    return False


def _has_dynamic_blocks(value: object) -> bool:
    if isinstance(value, Mapping):
        return "dynamic" in value or any(map(_has_dynamic_blocks, value.values()))
    return isinstance(value, list) and any(map(_has_dynamic_blocks, value))


def _of_lifecycle(kind: str, lifecycle: Mapping[str, object]) -> Iterator[str]:
    for name, value in lifecycle.items():
        usual = value in _IGNORED.get(kind, ()) if name == "ignore_changes" else isinstance(value, bool)
        if name not in _LIFECYCLE or not usual:
            yield f"lifecycle.{name} = {value!r}"


def _finding(stack: StackJson, thing: Resource, problem: str) -> Finding:
    remedy = "take it away, or list it for this type in wealist/checks/stack/arguments.py"
    return Finding(stack.name, thing.address, CONTROL, problem, remedy)
