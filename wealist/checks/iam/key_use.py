"""Who reads or writes an encrypted resource may use its key.

    role ──── sqs:SendMessage ──► queue ─ kms_master_key_id ─► key      the role needs kms:GenerateDataKey, kms:Decrypt
    service ─ by the queue's policy ──► the same                        the key's policy must allow them
    CloudWatch Logs ──► log group ─ kms_key_id ─► key                   the same

AWS accepts the policies, and refuses the call that reads or writes. `data_access.toml` says what each call takes.
Instances read every parameter of their environment, by its name and by its path.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Role
from wealist.checks.iam.role_passing import takers_of
from wealist.model.iam.data_access import accesses_with_a_key
from wealist.model.iam.evaluate import Grant, allows, names, reaches
from wealist.model.iam.references import arn_of
from wealist.model.stack import Resource, StackJson
from wealist.spec.account import ACCOUNT_ID, REGION

KEY: Final = "iam.key-use"
PARAMETERS: Final = "iam.parameters"
_NAMES_A_KEY: Final = re.compile(r"kms_(?:\w+_)?key(?:_id|_arn)?|key_id")
_KEY: Final = "aws_kms_key"
_LOG_GROUP: Final = "aws_cloudwatch_log_group"
_LOGS: Final = f"logs.{REGION}.amazonaws.com"
_OF_LOGS: Final = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey")
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"""
_INSTANCES: Final = "ec2.amazonaws.com"
_BY_NAME: Final = ("ssm:GetParameter", "ssm:GetParameters")


class Encrypted(NamedTuple):
    """A resource that is encrypted with a key of its stack.

    Attributes:
        arn: of the resource.
        service: as in its ARN.
        key: the key.
    """

    arn: str
    service: str
    key: Resource


def check(documents: Documents) -> Iterator[Finding]:
    """Every right to read or write data that the key of the data makes useless."""
    encrypted = list(_encrypted(documents.stack))
    for role in documents.roles:
        for problem, remedy in _of_role(role, encrypted):
            yield Finding(documents.stack.name, role.address, KEY, f"{role.name} {problem}", remedy)
    for key, who, problem in _of_services(documents, encrypted):
        remedy = f"let {who} do so in the key's policy"
        yield Finding(documents.stack.name, key.address, KEY, f"keeps {who} {problem}", remedy)
    yield from _parameters(documents)


def _encrypted(stack: StackJson) -> Iterator[Encrypted]:
    for resource in stack.resources.values():
        for key in _keys(stack, resource.values):
            # The encryption of a bucket is a resource of its own.
            of = (
                stack.target(resource.get("bucket")) if resource.type.startswith("aws_s3_bucket_") else None
            ) or resource
            if arn := arn_of(of):
                yield Encrypted(arn, arn.split(":")[2], key)


def _keys(stack: StackJson, value: object) -> Iterator[Resource]:
    """Every key of the stack that arguments name, nested ones too, by itself or by an alias."""
    for each in value if isinstance(value, list) else [value]:
        for argument, inside in each.items() if isinstance(each, dict) else ():
            if isinstance(inside, (dict, list)) and argument != "//":
                yield from _keys(stack, inside)
            elif _NAMES_A_KEY.fullmatch(argument) and (target := stack.target(inside)):
                key = stack.target(target.get("target_key_id")) if target.type == "aws_kms_alias" else target
                if key is not None and key.type == _KEY:
                    yield key


def _of_role(role: Role, encrypted: Iterable[Encrypted]) -> Iterator[tuple[str, str]]:
    """What a role may do with data and not with its key."""
    missing: dict[tuple[str, str, str], list[str]] = {}
    for each in encrypted:
        held = [grant for grant in role.grants if grant.action.lower().startswith((f"{each.service}:", "*"))]
        for action, access in accesses_with_a_key(each.service).items() if held else ():
            lacks = [need for need in access.key if not _may_use(role.grants, need, each)]
            if lacks and _reaches(held, action, each.arn):
                missing.setdefault((action, each.key.address, ", ".join(lacks)), []).append(each.arn)
    for (action, key, needs), arns in missing.items():
        problem = f"may do {action} on {', '.join(arns[:3])}, and not {needs} on {key}, which encrypts it"
        yield problem, f"allow {needs} on ${{{key}.arn}}, or take {action} out"


def _of_services(documents: Documents, encrypted: list[Encrypted]) -> Iterator[tuple[Resource, str, str]]:
    """What a key's policy keeps from services that the policy of an encrypted resource lets in."""
    for who, action, each, needs in (*_let_in(documents, encrypted), *_log_groups(documents.stack, encrypted)):
        grants = [
            grant
            for policy in documents.policies
            if policy.address == each.key.address
            for statement in policy.statements
            if ("Service", who) in statement.principals
            for grant in statement.grants
        ]
        if lacks := [need for need in needs if not _may_use(grants, need, each)]:
            yield each.key, who, f"from {', '.join(lacks)}, which {action} on {each.arn} takes"


def _let_in(documents: Documents, encrypted: list[Encrypted]) -> Iterator[tuple[str, str, Encrypted, tuple[str, ...]]]:
    statements = [
        statement
        for policy in documents.of_kind("resource")
        for statement in policy.statements
        if statement.effect == "Allow" and any(kind == "Service" for kind, _ in statement.principals)
    ]
    for each in encrypted:
        for action, access in accesses_with_a_key(each.service).items():
            for statement in statements:
                if any(names(grant.action, action) and _about(grant, each.arn) for grant in statement.grants):
                    for _, who in statement.principals:
                        yield who, action, each, access.key


def _log_groups(stack: StackJson, encrypted: list[Encrypted]) -> Iterator[tuple[str, str, Encrypted, tuple[str, ...]]]:
    groups = {arn_of(group) for group in stack.all(_LOG_GROUP)}
    yield from ((_LOGS, "every write", each, _OF_LOGS) for each in encrypted if each.arn in groups)


def _may_use(grants: Iterable[Grant], action: str, encrypted: Encrypted) -> bool:
    """Whether grants allow the use of a resource's key, for this resource."""
    context = {
        "aws:SourceAccount": ACCOUNT_ID,
        "kms:CallerAccount": ACCOUNT_ID,
        "kms:EncryptionContext:aws:logs:arn": encrypted.arn,
        "kms:ViaService": f"{encrypted.service}.{REGION}.amazonaws.com",
    }
    return allows(grants, action, arn_of(encrypted.key) or "", context)


def _reaches(grants: Iterable[Grant], action: str, arn: str) -> bool:
    return reaches(grants, action, arn) or reaches(grants, action, f"{arn}/any")


def _about(grant: Grant, arn: str) -> bool:
    return reaches([grant], grant.action, arn) or reaches([grant], grant.action, f"{arn}/any")


def _parameters(documents: Documents) -> Iterator[Finding]:
    """Every parameter that the instances cannot read."""
    takers = takers_of(documents)
    roles = [role for role in documents.roles if _INSTANCES in takers.get(role.address, ())]
    grants = {grant for role in roles for grant in role.grants if grant.action.startswith(("ssm:", "*"))}
    refused: dict[str, list[str]] = {}
    for parameter in documents.stack.all("aws_ssm_parameter") if roles else ():
        arn = arn_of(parameter) or ""
        reads = [*((action, arn) for action in _BY_NAME), ("ssm:GetParametersByPath", arn.rpartition("/")[0])]
        for action, resource in reads:
            if not reaches(grants, action, resource):
                refused.setdefault(action, []).append(parameter.address)
    for action, addresses in refused.items():
        problem = f"may not do {action} for {', '.join(addresses[:3])}, which instances read"
        remedy = f"allow {action} on the environment's path to the role of the instances"
        yield Finding(documents.stack.name, roles[0].address, PARAMETERS, f"{roles[0].name} {problem}", remedy)
