"""Who reads or writes an encrypted resource may use its key.

    role ──── sqs:SendMessage ──► queue ─ kms_master_key_id ─► key      the role needs kms:GenerateDataKey, kms:Decrypt
    service ─ by the queue's policy ──► the same                        the key's policy must allow them
    CloudWatch Logs ──► log group ─ kms_key_id ─► key                   the same

AWS accepts the policies, and refuses the call that reads or writes. `data_access.toml` says what each call takes.
Instances read every parameter of their environment, by its name and by its path.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents
from wealist.checks.iam.role_passing import takers_of
from wealist.model.iam.data_access import accesses_with_a_key
from wealist.model.iam.evaluate import Grant, Rights, names
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
        resource: itself; of the encryption of a bucket, which is a resource of its own, the bucket.
        arn: of the resource.
        service: as in its ARN.
        key: the key.
    """

    resource: Resource
    arn: str
    service: str
    key: Resource


def check(documents: Documents) -> Iterator[Finding]:
    """Every right to read or write data that the key of the data makes useless."""
    encrypted = list(_encrypted(documents.stack))
    for role in documents.roles:
        for problem, remedy in _of_role(role.rights, encrypted):
            yield Finding(documents.stack.name, role.address, KEY, f"{role.name} {problem}", remedy)
    for who, action, each, needs in _of_services(documents, encrypted):
        rights = Rights(_of_key(documents, each.key, who))
        if lacks := [need for need in needs if not _may_use(rights, need, each)]:
            problem = f"keeps {who} from {', '.join(lacks)}, which {action} on {each.arn} takes"
            yield Finding(documents.stack.name, each.key.address, KEY, problem, f"let {who} do so in the key's policy")
    yield from _parameters(documents)


def _encrypted(stack: StackJson) -> Iterator[Encrypted]:
    for resource in stack.resources.values():
        for key in _keys(stack, resource):
            bucket = stack.target(resource.get("bucket")) if resource.type.startswith("aws_s3_bucket_") else None
            if arn := arn_of(bucket or resource):
                yield Encrypted(bucket or resource, arn, arn.split(":")[2], key)


def _keys(stack: StackJson, resource: Resource) -> Iterator[Resource]:
    """Every key of the stack that arguments name, nested ones too, by itself or by an alias."""
    for path, value in resource.leaves:
        target = stack.target(value) if _NAMES_A_KEY.fullmatch(path.rpartition(".")[2]) else None
        if target is not None and target.type == "aws_kms_alias":
            target = stack.target(target.get("target_key_id"))
        if target is not None and target.type == _KEY:
            yield target


def _of_role(rights: Rights, encrypted: Iterable[Encrypted]) -> Iterator[tuple[str, str]]:
    """What a role may do with data and not with its key."""
    missing: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for each in encrypted:
        for action, access in accesses_with_a_key(each.service).items():
            reads = rights.may(action, each.arn) or rights.may(action, f"{each.arn}/any")
            if reads and (lacks := [need for need in access.key if not _may_use(rights, need, each)]):
                missing[action, each.key.address, ", ".join(lacks)].append(each.arn)
    for (action, key, needs), arns in missing.items():
        problem = f"may do {action} on {', '.join(arns[:3])}, and not {needs} on {key}, which encrypts it"
        yield problem, f"allow {needs} on ${{{key}.arn}}, or take {action} out"


def _of_services(
    documents: Documents, encrypted: list[Encrypted]
) -> Iterator[tuple[str, str, Encrypted, tuple[str, ...]]]:
    """Services, what they do with an encrypted resource by a policy or to keep logs, and the actions on its key."""
    statements = [each for policy in documents.of_kind("resource") for each in policy.statements]
    for each in encrypted:
        if each.resource.type == _LOG_GROUP:
            yield _LOGS, "every write", each, _OF_LOGS
        for action, access in accesses_with_a_key(each.service).items():
            for statement in statements:
                reached = any(_is_about(grant, action, each.arn) for grant in statement.grants)
                for kind, who in statement.principals if reached else ():
                    if kind == "Service":
                        yield who, action, each, access.key


def _is_about(grant: Grant, action: str, arn: str) -> bool:
    rights = Rights([grant]) if names(grant.action, action) else None
    return rights is not None and (rights.may(action, arn) or rights.may(action, f"{arn}/any"))


def _of_key(documents: Documents, key: Resource, who: str) -> Iterator[Grant]:
    """What a key's policy says of a service."""
    for policy in documents.policies:
        if policy.resource == key:
            for statement in policy.statements:
                if ("Service", who) in statement.principals:
                    yield from statement.grants


def _may_use(rights: Rights, action: str, encrypted: Encrypted) -> bool:
    """Whether a principal may use a resource's key, for this resource."""
    context = {
        "aws:SourceAccount": ACCOUNT_ID,
        "kms:CallerAccount": ACCOUNT_ID,
        "kms:EncryptionContext:aws:logs:arn": encrypted.arn,
        "kms:EncryptionContext:aws:sns:topicArn": encrypted.arn,
        "kms:ViaService": f"{encrypted.service}.{REGION}.amazonaws.com",
    }
    return rights.may(action, arn_of(encrypted.key) or "", context)


def _parameters(documents: Documents) -> Iterator[Finding]:
    """Every parameter that the instances cannot read."""
    takers = takers_of(documents)
    roles = [role for role in documents.roles if _INSTANCES in takers.get(role.address, ())]
    rights = Rights(grant for role in roles for grant in role.rights.grants)
    refused: dict[str, list[str]] = defaultdict(list)
    for parameter in documents.stack.all("aws_ssm_parameter") if roles else ():
        arn = arn_of(parameter) or ""
        reads = [*((action, arn) for action in _BY_NAME), ("ssm:GetParametersByPath", arn.rpartition("/")[0])]
        for action, resource in reads:
            if not rights.may(action, resource):
                refused[action].append(parameter.address)
    for action, addresses in refused.items():
        problem = f"{roles[0].name} may not do {action} for {', '.join(addresses[:3])}, which instances read"
        remedy = f"allow {action} on the environment's path to the role of the instances"
        yield Finding(documents.stack.name, roles[0].address, PARAMETERS, problem, remedy)
