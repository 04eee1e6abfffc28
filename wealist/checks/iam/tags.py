"""Every tag that a policy's condition compares has the environment's own value, wherever it is put on something.

    Condition ssm:resourceTag/Environment ─┬─ tags of a resource or module   may repeat the default tag, not change it
                                           ├─ aws_launch_template            tag_specifications of instance and volume
                                           ├─ aws_autoscaling_group          tag blocks, each propagated at launch
                                           └─ CodeDeploy's tag filters       name the own instances alone

`Environment`, `Project` and `ManagedBy` have the value of the provider's default tags, which `stack.provider` proves.
`Role` has that of the fleet: the role that its bootstrap module makes an instance into. Nothing else has a `Role`.

IAM compares the key of a tag without regard to case, so a second spelling of a key counts as a wrong tag.
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
"""Value of the tag `Environment` in stacks that are no environment."""
_COMPARED: Final = re.compile(r"[a-z0-9-]+:[a-z-]*tag/(?P<key>.+)", re.IGNORECASE)
"""`aws:ResourceTag/…`, `ssm:resourceTag/…`, `rds:db-tag/…` and their like. No literal policy has one as a variable."""
_MAPS: Final = frozenset({"tags", "tags_all", "volume_tags"})
_TEMPLATE: Final = "aws_launch_template"
_GROUP: Final = "aws_autoscaling_group"
_DEPLOYMENT: Final = "aws_codedeploy_deployment_group"
_ENVIRONMENT: Final = "Environment"
_LAUNCHED: Final = ("instance", "volume")
"""What a template launches and nobody else tags; the provider's default tags do not reach it."""
_IGNORES_TAGS: Final = re.compile(r"(tag|tags|tags_all|tag_specifications|volume_tags)\b")
_REMEDY: Final = (
    "let the provider's default tags set it (wealist/stacks/factory.py), and tag what a fleet launches by config.tags "
    "and its role (wealist/constructs/fleet.py)"
)
_OWN_INSTANCES: Final = "name the Auto Scaling group, or filter by Environment with the own value (KEY_AND_VALUE)"

Own = Mapping[str, str | None]
"""Key → the one value that it may have; None where nothing may have the key."""


def check(synthesis: Synthesis, documents: Iterable[Documents]) -> Iterator[Finding]:
    """Every tag that a condition of any stack compares, and that is missing, or has another value than its own.

    Args:
        synthesis: all stacks to look at.
        documents: the policies of all of them.
    """
    known = {key.lower(): key for key in (*default_tags(SHARED), ROLE)}
    compared: set[str] = set()
    for each in documents:
        for address, key in (*_conditions(each), *_filtered(each.stack)):
            compared.add(key.lower())
            if key.lower() not in known:
                problem = f"compares the tag {key}, of which no own value is known"
                remedy = f"compare {', '.join(sorted(known.values()))}, or describe the tag in iam/tags.py"
                yield Finding(each.stack.name, address, TAGS, problem, remedy)
    for name, stack in sorted(synthesis.stacks.items()):
        yield from of_stack(stack, name if name in synthesis.environments else SHARED, compared)


def of_stack(stack: StackJson, environment: str, compared: Iterable[str]) -> Iterator[Finding]:
    """The same for one stack.

    Args:
        stack: the stack.
        environment: value of its tag `Environment`.
        compared: the keys that conditions name, in lower case.
    """
    values: dict[str, str | None] = {**default_tags(environment), ROLE: None}
    own = {key: values[key] for key in values if key.lower() in set(compared)}
    if not own:
        return
    for address, problem in _of_things(stack, own):
        yield Finding(stack.name, address, TAGS, problem, _REMEDY)
    for deployment in stack.all(_DEPLOYMENT) if _ENVIRONMENT in own else ():
        wanted = {"key": _ENVIRONMENT, "type": "KEY_AND_VALUE", "value": own[_ENVIRONMENT]}
        for sets in _filters(deployment):
            if sets and not any(filters and all(each == wanted for each in filters) for filters in sets):
                problem = f"takes instances by the tags {sets!r}"
                yield Finding(stack.name, deployment.address, TAGS, problem, _OWN_INSTANCES)


def _conditions(documents: Documents) -> Iterator[tuple[str, str]]:
    """The address of each policy that compares a tag, and the tag's key."""
    for policy in documents.policies:
        for statement in policy.statements:
            for key in (key for block in statement.conditions.values() for key in block):
                if match := _COMPARED.fullmatch(key):
                    yield policy.address, match["key"]


def _filtered(stack: StackJson) -> Iterator[tuple[str, str]]:
    """The address of each deployment group that finds instances by a tag, and the tag's key."""
    for deployment in stack.all(_DEPLOYMENT):
        for sets in _filters(deployment):
            yield from ((deployment.address, str(each.get("key"))) for filters in sets for each in filters)


def _filters(deployment: Resource) -> list[list[list[Mapping[str, Any]]]]:
    """Arguments that find instances, each as sets of filters: an instance has to meet one filter of each set."""
    single = [deployment.blocks(argument) for argument in ("ec2_tag_filter", "on_premises_instance_tag_filter")]
    sets = (Resource(deployment.address, deployment.type, each) for each in deployment.blocks("ec2_tag_set"))
    return [*([filters] for filters in single if filters), [each.blocks("ec2_tag_filter") for each in sets]]


def _of_things(stack: StackJson, own: Own) -> Iterator[tuple[str, str]]:
    for thing in (*stack.resources.values(), *stack.modules.values()):
        for path, tags in _maps(thing.values):
            yield from ((thing.address, f"{path} {problem}") for problem in _problems(tags, own))
        if thing.type.endswith("_tag"):
            blocks = [thing.values, *thing.blocks("tag")]
            for tags in ({str(tag.get("key", "")): tag.get("value")} for tag in blocks):
                yield from ((thing.address, f"tag {problem}") for problem in _problems(tags, own))
        if thing.type in {_TEMPLATE, _GROUP}:
            of = _of_template(stack, thing, own) if thing.type == _TEMPLATE else _of_group(stack, thing, own)
            yield from ((thing.address, problem) for problem in of)
        yield from ((thing.address, problem) for problem in _of_meta_arguments(thing))


def _of_meta_arguments(thing: Resource) -> Iterator[str]:
    """What keeps the provider's default tags away, or keeps a tag as it once was."""
    if "default_tags" in str(thing.get("override_provider", "")):
        yield f"override_provider is {thing.get('override_provider')!r}"
    ignored = thing.block("lifecycle").get("ignore_changes")
    if stale := [each for each in ignored if _IGNORES_TAGS.match(str(each))] if isinstance(ignored, list) else []:
        yield f"lifecycle.ignore_changes keeps {', '.join(stale)} as they were"


def _of_template(stack: StackJson, template: Resource, own: Own) -> Iterator[str]:
    fleet = _of_fleet(stack, template, own)
    specifications = template.blocks("tag_specifications")
    missing = sorted({*_LAUNCHED} - {each.get("resource_type") for each in specifications})
    for each in (*specifications, *({"resource_type": kind} for kind in missing)):
        for problem in _problems(each.get("tags") or {}, fleet, whole=True):
            yield f"tag_specifications of {each.get('resource_type')} {problem}"


def _of_group(stack: StackJson, group: Resource, own: Own) -> Iterator[str]:
    blocks = group.blocks("tag")
    keys = [str(each.get("key")) for each in blocks]
    launched = group.block("launch_template")
    fleet = _of_fleet(stack, stack.target(launched.get("id") or launched.get("name")), own)
    for problem in _problems({str(each.get("key")): each.get("value") for each in blocks}, fleet, whole=True):
        yield f"tag {problem}"
    for key, each in zip(keys, blocks, strict=True):
        if _spelled(key, own) and (keys.count(key) > 1 or each.get("propagate_at_launch") is not True):
            yield f"tag {key} is named more than once, or not propagated at launch"


def _of_fleet(stack: StackJson, template: Resource | None, own: Own) -> Own:
    """What instances must be tagged with that are launched from a template."""
    module = stack.target(template.get("user_data")) if template is not None else None
    role = module.get("role") if module is not None and module.type == "module" else None
    return {**own, ROLE: role if isinstance(role, str) else None} if ROLE in own else own


def _maps(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every map of tags in arguments, nested ones too: path and map. What a template launches is apart."""
    if isinstance(value, list):
        for place, each in enumerate(value):
            yield from _maps(each, f"{path}.{place}")
    elif isinstance(value, Mapping):
        for key, each in value.items():
            below = f"{path}.{key}" if path else str(key)
            if key in _MAPS:
                yield below, each
            elif below != "tag_specifications":
                yield from _maps(each, below)


def _spelled(key: str, own: Own) -> str | None:
    """The spelling of a key here, whatever its case; None for a key that nothing rests on."""
    return next((each for each in own if each.lower() == key.lower()), None)


def _problems(tags: object, own: Own, *, whole: bool = False) -> Iterator[str]:
    """What is wrong with a map of tags.

    Args:
        tags: the map.
        own: what its keys may be.
        whole: whether every key must be there; otherwise the provider's default tags add the rest.
    """
    if tags is None and not whole:
        return
    if not isinstance(tags, Mapping):
        yield f"is {tags!r}, of which no tag is known"
        return
    for key, value in tags.items():
        spelled = _spelled(key, own)
        if "${" in key:
            yield f"has the key {key!r}, which is known only to Terraform"
        elif spelled is not None and (key, value) != (spelled, own[spelled]):
            yield f"has {key} = {value!r}, not {spelled} = {own[spelled]!r}"
    for key in sorted(own.keys() - tags.keys()) if whole else ():
        yield f"lacks {key} = {own[key]!r}"
