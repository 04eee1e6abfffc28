"""Every tag that a policy's condition compares has the environment's own value, wherever it is put on something.

    Condition ssm:resourceTag/Environment ─┬─ provider.default_tags          every alias; ignore_tags hides none of them
                                           ├─ tags of a resource or module   may repeat the value, not change it
                                           ├─ aws_launch_template            tag_specifications of instance and volume
                                           ├─ aws_autoscaling_group          tag blocks, each propagated at launch
                                           └─ CodeDeploy's tag filters       name the own instances alone

`Environment`, `Project` and `ManagedBy` have the value of the stack's default tags. `Role` has that of the fleet: the
role that its bootstrap module makes an instance into. Nothing but a fleet has a `Role`.

IAM compares the key of a tag without regard to case, so a second spelling of a key counts as a wrong tag.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourcetag
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final

from wealist.checks.finding import Finding, Synthesis
from wealist.checks.iam.documents import Documents
from wealist.model.stack import Resource, StackJson
from wealist.spec.account import default_tags

TAGS: Final = "iam.tags"
ROLE: Final = "Role"
SHARED: Final = "account"
"""Value of the tag `Environment` in stacks that are no environment."""
_CONDITION_KEY: Final = re.compile(r"[a-z0-9-]+:[a-z-]*tag/(?P<key>.+)", re.IGNORECASE)
"""`aws:ResourceTag/…`, `ssm:resourceTag/…`, `aws:RequestTag/…`, `aws:PrincipalTag/…`, `rds:db-tag/…` and their like."""
_VARIABLE: Final = re.compile(r"\$\{[a-z0-9-]+:[a-z-]*tag/(?P<key>[^},]+)", re.IGNORECASE)
"""The same as a policy variable: `${aws:PrincipalTag/…}`."""
_MAPS: Final = frozenset({"tags", "tags_all", "volume_tags"})
_TEMPLATE: Final = "aws_launch_template"
_GROUP: Final = "aws_autoscaling_group"
_DEPLOYMENT: Final = "aws_codedeploy_deployment_group"
_ENVIRONMENT: Final = "Environment"
_LAUNCHED: Final = frozenset({"instance", "volume"})
"""What a template launches and nobody else tags; the provider's default tags do not reach it."""
_IGNORES_TAGS: Final = re.compile(r"(tag|tags|tags_all|tag_specifications|volume_tags)\b")
_FILTERS: Final = ("ec2_tag_filter", "on_premises_instance_tag_filter")

_AS_THE_FACTORY: Final = "give the provider its tags as wealist/stacks/factory.py does, and no ignore_tags"
_AS_THE_DEFAULT: Final = "take the key out of its tags; the provider's default tags set it"
_AS_THE_FLEET: Final = "tag it with config.tags and the fleet's role, as wealist/constructs/fleet.py does"
_OWN_INSTANCES: Final = "name the Auto Scaling group, or filter by Environment with the own value (KEY_AND_VALUE)"

Tagged = Iterator[tuple[str, str]]
"""What is wrong, and what to do about it."""
Own = Mapping[str, str | None]
"""Key → the one value that it may have; None where nothing may have the key."""


def check(synthesis: Synthesis, documents: Iterable[Documents]) -> Iterator[Finding]:
    """Every tag that a condition of any stack compares, and that is missing, or has another value than its own.

    Args:
        synthesis: all stacks to look at.
        documents: the policies of all of them.
    """
    compared: set[str] = set()
    for each in documents:
        for address, key in (*_conditions(each), *_filtered(each.stack)):
            compared.add(key.lower())
            if key.lower() not in _known():
                problem = f"compares the tag {key}, of which no own value is known"
                remedy = f"compare {', '.join(sorted(_known().values()))}, or describe the tag in iam/tags.py"
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
    wanted = set(compared)
    own: dict[str, str | None] = {
        key: value for key, value in default_tags(environment).items() if key.lower() in wanted
    }
    if ROLE.lower() in wanted:
        own[ROLE] = None
    if not own:
        return
    for alias, problem in _of_providers(stack, own):
        yield Finding(stack.name, alias, TAGS, problem, _AS_THE_FACTORY)
    for thing in (*stack.resources.values(), *stack.modules.values()):
        for problem, remedy in _of_thing(stack, thing, own):
            yield Finding(stack.name, thing.address, TAGS, problem, remedy)


def _known() -> dict[str, str]:
    """Key in lower case → as it is spelled here."""
    return {key.lower(): key for key in (*default_tags(SHARED), ROLE)}


def _conditions(documents: Documents) -> Iterator[tuple[str, str]]:
    """The address of each policy that compares a tag, and the tag's key."""
    for policy in documents.policies:
        for statement in policy.statements:
            for block in statement.conditions.values():
                for condition_key in block:
                    if match := _CONDITION_KEY.fullmatch(condition_key):
                        yield policy.address, match["key"]
            for text in (*statement.resources, statement.condition):
                for variable in _VARIABLE.finditer(text):
                    yield policy.address, variable["key"]


def _filtered(stack: StackJson) -> Iterator[tuple[str, str]]:
    """The address of each deployment group that finds instances by a tag, and the tag's key."""
    for deployment in stack.all(_DEPLOYMENT):
        for each in chain(_alternatives(deployment), *_sets(deployment)):
            yield deployment.address, str(each.get("key"))


def _alternatives(deployment: Resource) -> list[Mapping[str, Any]]:
    """The filters of which an instance has to meet one."""
    return [each for argument in _FILTERS for each in deployment.blocks(argument)]


def _sets(deployment: Resource) -> list[list[Mapping[str, Any]]]:
    """The sets of filters: an instance has to meet one filter of each."""
    sets = (Resource(deployment.address, deployment.type, each) for each in deployment.blocks("ec2_tag_set"))
    return [each.blocks("ec2_tag_filter") for each in sets]


def _of_providers(stack: StackJson, own: Own) -> Iterator[tuple[str, str]]:
    of_all = {key: value for key, value in own.items() if value is not None}
    blocks = stack.document.get("provider", {}).get("aws", [])
    for block in blocks if isinstance(blocks, list) else [blocks]:
        provider = Resource(f"provider.aws{'.' if block.get('alias') else ''}{block.get('alias', '')}", "aws", block)
        defaults = provider.block("default_tags").get("tags", {})
        for problem in sorted({*_problems(defaults, own), *_problems(defaults, of_all, whole=True)}):
            yield provider.address, f"default_tags {problem}"
        for name, values in provider.block("ignore_tags").items():
            yield provider.address, f"ignores tags by ignore_tags.{name} = {values!r}"


def _of_thing(stack: StackJson, thing: Resource, own: Own) -> Tagged:
    if thing.type == _TEMPLATE:
        yield from _of_template(thing, _of_fleet(stack, thing, own))
    elif thing.type == _GROUP:
        yield from _of_group(thing, _of_fleet(stack, stack.target(_launched(thing)), own))
    elif thing.type == _DEPLOYMENT:
        yield from _of_filters(thing, own)
    elif thing.type.endswith("_tag"):
        for tag in (thing.values, *thing.blocks("tag")):
            for problem in _problems({str(tag.get("key", "")): tag.get("value")}, own):
                yield f"tag {problem}", _AS_THE_DEFAULT
    for path, tags in _maps(thing.values):
        for problem in _problems(tags, own):
            yield f"{path} {problem}", _AS_THE_DEFAULT
    yield from _of_meta_arguments(thing)


def _of_meta_arguments(thing: Resource) -> Tagged:
    """What keeps the provider's default tags away, or keeps a tag as it once was."""
    if "default_tags" in str(thing.get("override_provider", "")):
        yield (
            f"override_provider is {thing.get('override_provider')!r}",
            "leave the provider's default tags as they are",
        )
    ignored = thing.block("lifecycle").get("ignore_changes")
    stale = [each for each in ignored if _IGNORES_TAGS.match(str(each))] if isinstance(ignored, list) else []
    if stale:
        yield f"lifecycle.ignore_changes keeps {', '.join(stale)} as they were", "let an apply put tags right"


def _of_template(template: Resource, own: Own) -> Tagged:
    specifications = template.blocks("tag_specifications")
    for each in specifications:
        for problem in _problems(each.get("tags") or {}, own, whole=True):
            yield f"tag_specifications of {each.get('resource_type')} {problem}", _AS_THE_FLEET
    for kind in sorted(_LAUNCHED - {each.get("resource_type") for each in specifications}):
        yield f"tag_specifications has none of {kind}", _AS_THE_FLEET


def _of_group(group: Resource, own: Own) -> Tagged:
    blocks = group.blocks("tag")
    keys = [str(each.get("key")) for each in blocks]
    for key in sorted({key for key in keys if keys.count(key) > 1 and _spelled(key, own)}):
        yield f"tag names {key} more than once", _AS_THE_FLEET
    for problem in _problems({str(each.get("key")): each.get("value") for each in blocks}, own, whole=True):
        yield f"tag {problem}", _AS_THE_FLEET
    for each in blocks:
        if _spelled(str(each.get("key")), own) and each.get("propagate_at_launch") is not True:
            yield f"tag {each.get('key')} is not propagated at launch", _AS_THE_FLEET


def _of_filters(deployment: Resource, own: Own) -> Tagged:
    if _ENVIRONMENT not in own:
        return
    wanted = {"key": _ENVIRONMENT, "type": "KEY_AND_VALUE", "value": own[_ENVIRONMENT]}
    for each in _alternatives(deployment):
        if each != wanted:
            yield f"takes instances by the tag filter {dict(each)!r}", _OWN_INSTANCES
    sets = _sets(deployment)
    if sets and not any(alternatives and all(each == wanted for each in alternatives) for alternatives in sets):
        yield f"takes instances by the tag sets {sets!r}", _OWN_INSTANCES


def _launched(group: Resource) -> object:
    """The reference to what a group launches its instances from."""
    template = group.block("launch_template")
    return template.get("id") or template.get("name")


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
        elif spelled is not None and key != spelled:
            yield f"has {key}, which IAM takes for {spelled}"
        elif spelled is not None and own[spelled] is None:
            yield f"has {key} = {value!r}, and is of no fleet of this role"
        elif spelled is not None and value != own[spelled]:
            yield f"has {key} = {value!r}, not {own[spelled]!r}"
    for key in sorted(own.keys() - tags.keys()) if whole else ():
        yield f"lacks {key} = {own[key]!r}" if own[key] is not None else f"lacks {key}, which no bootstrap module tells"
