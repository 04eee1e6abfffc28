"""Check that each tag that a policy's condition compares has the environment's value wherever it is set.

    Condition ssm:resourceTag/Environment ─┬─ tags of a resource or module   may repeat the default tag, not change it
                                           ├─ aws_launch_template            tag_specifications of instance and volume
                                           ├─ aws_autoscaling_group          tag blocks, each propagated at launch
                                           └─ CodeDeploy's tag filters       match instances of the environment only

`Environment`, `Project` and `ManagedBy` have the value of the provider's default tags, which `stack.provider` checks.
`Role` is the argument `role` of the bootstrap module that configures a fleet's instances. No other resource has it.

IAM ignores case in the key of a tag, so a second spelling of a key counts as a wrong tag.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourcetag
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.iam.documents import Documents
from wealist.model.stack import Resource, StackJson
from wealist.spec.account import default_tags

TAGS: Final = "iam.tags"
ROLE: Final = "Role"
SHARED: Final = "account"
"""Value of the tag `Environment` in stacks that are not environments."""
_COMPARED: Final = re.compile(r"[a-z0-9-]+:[a-z-]*tag/(?P<key>.+)", re.IGNORECASE)
"""`aws:ResourceTag/…`, `ssm:resourceTag/…`, `rds:db-tag/…` and similar keys."""
_TAG_ARGUMENTS: Final = frozenset({"tags", "tags_all", "volume_tags"})
_TEMPLATE: Final = "aws_launch_template"
_GROUP: Final = "aws_autoscaling_group"
_DEPLOYMENT: Final = "aws_codedeploy_deployment_group"
_ENVIRONMENT: Final = "Environment"
_LAUNCHED: Final = ("instance", "volume")
"""Resources that a template launches; the provider's default tags do not apply to them."""
_IGNORES_TAGS: Final = re.compile(r"(tag|tags|tags_all|tag_specifications|volume_tags)\b")
_REMEDY: Final = (
    "leave it to the provider's default tags (wealist/stacks/factory.py), and tag what a fleet launches with "
    "config.tags and its role (wealist/constructs/fleet.py)"
)
_OWN_INSTANCES: Final = "name the Auto Scaling group, or filter by the environment's own Environment (KEY_AND_VALUE)"

Own = Mapping[str, str | None]
"""Key → the value that it must have; None if no resource may have the key."""


def check(synthesis: Synthesis, documents: Iterable[Documents]) -> Iterator[Finding]:
    """Report each tag that a condition of any stack compares, and that is missing or has a wrong value.

    Args:
        synthesis: The stacks to check.
        documents: The policies of all of them.
    """
    known = {key.lower(): key for key in (*default_tags(SHARED), ROLE)}
    compared: set[str] = set()
    for each in documents:
        for address, key in (*_conditions(each), *_filtered(each.stack)):
            compared.add(key.lower())
            if key.lower() not in known:
                problem = f"compares the tag {key}, whose value is unknown"
                remedy = f"compare {', '.join(sorted(known.values()))}, or describe the tag in iam/tags.py"
                yield Finding(each.stack.name, address, TAGS, problem, remedy)
    for name, stack in sorted(synthesis.stacks.items()):
        yield from check_stack(stack, name if name in synthesis.environments else SHARED, compared)


def check_stack(stack: StackJson, environment: str, compared: Iterable[str]) -> Iterator[Finding]:
    """Report each compared tag of one stack that is missing or has a wrong value.

    Args:
        stack: The stack.
        environment: The value of its tag `Environment`.
        compared: The keys that conditions compare, in lower case.
    """
    values: dict[str, str | None] = {**default_tags(environment), ROLE: None}
    own = {key: values[key] for key in values if key.lower() in set(compared)}
    if not own:
        return
    for address, problem in _problems_by_address(stack, own):
        yield Finding(stack.name, address, TAGS, problem, _REMEDY)
    for deployment in stack.all(_DEPLOYMENT) if _ENVIRONMENT in own else ():
        wanted = {"key": _ENVIRONMENT, "type": "KEY_AND_VALUE", "value": own[_ENVIRONMENT]}
        for sets in _filters(deployment):
            if sets and not any(filters and all(each == wanted for each in filters) for filters in sets):
                problem = f"selects instances by the tags {sets!r}"
                yield Finding(stack.name, deployment.address, TAGS, problem, _OWN_INSTANCES)


def _conditions(documents: Documents) -> Iterator[tuple[str, str]]:
    """Yield the address of each policy that compares a tag, with the tag's key."""
    for policy in documents.policies:
        for statement in policy.statements:
            for key in (key for block in statement.conditions.values() for key in block):
                if match := _COMPARED.fullmatch(key):
                    yield policy.address, match["key"]


def _filtered(stack: StackJson) -> Iterator[tuple[str, str]]:
    """Yield the address of each deployment group that selects instances by a tag, with the tag's key."""
    for deployment in stack.all(_DEPLOYMENT):
        for sets in _filters(deployment):
            yield from ((deployment.address, str(each.get("key"))) for filters in sets for each in filters)


def _filters(deployment: Resource) -> list[list[list[Mapping[str, Any]]]]:
    """Return the arguments that select instances, as sets of filters: an instance must match one filter of each set."""
    single = [deployment.blocks(argument) for argument in ("ec2_tag_filter", "on_premises_instance_tag_filter")]
    sets = (Resource(deployment.address, deployment.type, each) for each in deployment.blocks("ec2_tag_set"))
    return [*([filters] for filters in single if filters), [each.blocks("ec2_tag_filter") for each in sets]]


def _problems_by_address(stack: StackJson, own: Own) -> Iterator[tuple[str, str]]:
    for resource in (*stack.resources.values(), *stack.modules.values()):
        yield from ((resource.address, problem) for problem in _resource_problems(stack, resource, own))


def _resource_problems(stack: StackJson, resource: Resource, own: Own) -> Iterator[str]:
    for path, tags in _tag_maps(resource.values):
        yield from (f"{path} {problem}" for problem in _problems(tags, own))
    if resource.type.endswith("_tag"):
        for tag in (resource.values, *resource.blocks("tag")):
            tags = {str(tag.get("key", "")): tag.get("value")}
            yield from (f"tag {problem}" for problem in _problems(tags, own))
    if resource.type == _TEMPLATE:
        yield from _template_problems(stack, resource, own)
    if resource.type == _GROUP:
        yield from _group_problems(stack, resource, own)
    yield from _meta_argument_problems(resource)


def _meta_argument_problems(resource: Resource) -> Iterator[str]:
    """Report arguments that suppress the provider's default tags or changes of tags."""
    if "default_tags" in str(resource.get("override_provider", "")):
        yield f"override_provider is {resource.get('override_provider')!r}"
    ignored = resource.block("lifecycle").get("ignore_changes")
    if stale := [each for each in ignored if _IGNORES_TAGS.match(str(each))] if isinstance(ignored, list) else []:
        yield f"lifecycle.ignore_changes ignores changes of {', '.join(stale)}"


def _template_problems(stack: StackJson, template: Resource, own: Own) -> Iterator[str]:
    fleet = _fleet_tags(stack, template, own)
    specifications = template.blocks("tag_specifications")
    missing = sorted({*_LAUNCHED} - {each.get("resource_type") for each in specifications})
    for each in (*specifications, *({"resource_type": kind} for kind in missing)):
        for problem in _problems(each.get("tags") or {}, fleet, whole=True):
            yield f"tag_specifications of {each.get('resource_type')} {problem}"


def _group_problems(stack: StackJson, group: Resource, own: Own) -> Iterator[str]:
    blocks = group.blocks("tag")
    keys = [str(each.get("key")) for each in blocks]
    launched = group.block("launch_template")
    fleet = _fleet_tags(stack, stack.target(launched.get("id") or launched.get("name")), own)
    for problem in _problems({str(each.get("key")): each.get("value") for each in blocks}, fleet, whole=True):
        yield f"tag {problem}"
    for key, each in zip(keys, blocks, strict=True):
        if _spelled(key, own) and (keys.count(key) > 1 or each.get("propagate_at_launch") is not True):
            yield f"tag {key} is set more than once, or not propagated at launch"


def _fleet_tags(stack: StackJson, template: Resource | None, own: Own) -> Own:
    """Return the tags that instances launched from a template must have."""
    module = stack.target(template.get("user_data")) if template is not None else None
    role = module.get("role") if module is not None and module.type == "module" else None
    return {**own, ROLE: role if isinstance(role, str) else None} if ROLE in own else own


def _tag_maps(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield the path and value of each map of tags, nested ones included, except a template's `tag_specifications`."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _tag_maps(each, f"{path}.{index}")
    elif isinstance(value, Mapping):
        for key, each in value.items():
            below = f"{path}.{key}" if path else str(key)
            if key in _TAG_ARGUMENTS:
                yield below, each
            elif below != "tag_specifications":
                yield from _tag_maps(each, below)


def _spelled(key: str, own: Own) -> str | None:
    """Return our spelling of a key, ignoring case; None for a key that no condition compares."""
    return next((each for each in own if each.lower() == key.lower()), None)


def _problems(tags: object, own: Own, *, whole: bool = False) -> Iterator[str]:
    """Report each wrong or missing tag of a map.

    Args:
        tags: The map.
        own: The values that its keys must have.
        whole: Whether every key must be present; otherwise the provider's default tags add the rest.
    """
    if tags is None and not whole:
        return
    if not isinstance(tags, Mapping):
        yield f"is {tags!r}, whose tags are unknown"
        return
    for key, value in tags.items():
        spelled = _spelled(key, own)
        if "${" in key:
            yield f"has the key {key!r}, which only Terraform can evaluate"
        elif spelled is not None and (key, value) != (spelled, own[spelled]):
            yield f"has {key} = {value!r}, not {spelled} = {own[spelled]!r}"
    for key in sorted(own.keys() - tags.keys()) if whole else ():
        yield f"lacks {key} = {own[key]!r}"
