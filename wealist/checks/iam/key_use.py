"""Check that rights to read or write an encrypted resource come with rights to use its key.

    role ──── sqs:SendMessage ──► queue ─ kms_master_key_id ─► key    the role needs kms:GenerateDataKey, kms:Decrypt
    service ─ allowed by the queue's policy ──► the same              the key's policy must allow them to the service
    CloudWatch Logs ──► log group ─ kms_key_id ─► key                 the same

AWS accepts the policies, and rejects only the call that reads or writes. `data_access.toml` lists what each call needs.
The instances must be able to read every parameter of their environment, by name and by path.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents
from wealist.checks.iam.trust import services_by_role
from wealist.model.iam.arns import resource_arn
from wealist.model.iam.classification import encrypted_data_access
from wealist.model.iam.evaluate import Grant, Rights
from wealist.model.stack import Resource, StackJson
from wealist.spec.account import ACCOUNT_ID, REGION

KEY: Final = "iam.key-use"
PARAMETERS: Final = "iam.parameters"
_KEY_ARGUMENT: Final = re.compile(r"kms_(?:\w+_)?key(?:_id|_arn)?|key_id")
_KEY: Final = "aws_kms_key"
_LOG_GROUP: Final = "aws_cloudwatch_log_group"
_LOGS: Final = f"logs.{REGION}.amazonaws.com"
_LOGS_ACTIONS: Final = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey")
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"""
_INSTANCES: Final = "ec2.amazonaws.com"
_READ_BY_NAME: Final = ("ssm:GetParameter", "ssm:GetParameters")


class Encrypted(NamedTuple):
    """A resource that is encrypted with a key of its stack.

    Attributes:
        resource: The resource; for a bucket's encryption, which is a resource of its own, the bucket.
        arn: Its ARN.
        service: The service in its ARN: `sqs`.
        key: The key.
    """

    resource: Resource
    arn: str
    service: str
    key: Resource


def check(documents: Documents) -> Iterator[Finding]:
    """Report roles and services that can access encrypted data but not its key, and unreadable parameters."""
    encrypted = list(_encrypted_resources(documents.stack))
    for role in documents.roles:
        for problem, remedy in _role_problems(role.rights, encrypted):
            yield Finding(documents.stack.name, role.address, KEY, f"{role.name} {problem}", remedy)
    for service, action, each, needed in _service_accesses(documents, encrypted):
        rights = Rights(_grants_of_key(documents, each.key, service))
        if missing := [need for need in needed if not _may_use_key(rights, need, each)]:
            problem = f"denies {service} {', '.join(missing)}, which {action} on {each.arn} needs"
            remedy = f"allow {service} these actions in the key's policy"
            yield Finding(documents.stack.name, each.key.address, KEY, problem, remedy)
    yield from _parameter_findings(documents)


def _encrypted_resources(stack: StackJson) -> Iterator[Encrypted]:
    for resource in stack.resources.values():
        for key in _keys(stack, resource):
            bucket = stack.target(resource.get("bucket")) if resource.type.startswith("aws_s3_bucket_") else None
            if arn := resource_arn(bucket or resource):
                yield Encrypted(bucket or resource, arn, arn.split(":")[2], key)


def _keys(stack: StackJson, resource: Resource) -> Iterator[Resource]:
    """Yield each key of the stack that the arguments of a resource refer to, directly or by an alias."""
    for path, value in resource.leaves:
        target = stack.target(value) if _KEY_ARGUMENT.fullmatch(path.rpartition(".")[2]) else None
        if target is not None and target.type == "aws_kms_alias":
            target = stack.target(target.get("target_key_id"))
        if target is not None and target.type == _KEY:
            yield target


def _role_problems(rights: Rights, encrypted: Iterable[Encrypted]) -> Iterator[tuple[str, str]]:
    missing: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for each in encrypted:
        for action, access in encrypted_data_access(each.service).items():
            if _allows(rights, action, each.arn) and (
                lacks := [need for need in access.key if not _may_use_key(rights, need, each)]
            ):
                missing[action, each.key.address, ", ".join(lacks)].append(each.arn)
    for (action, key, needs), arns in missing.items():
        problem = f"may do {action} on {', '.join(arns[:3])}, and not {needs} on {key}, which encrypts it"
        yield problem, f"allow {needs} on ${{{key}.arn}}, or remove {action}"


def _service_accesses(
    documents: Documents, encrypted: list[Encrypted]
) -> Iterator[tuple[str, str, Encrypted, tuple[str, ...]]]:
    """Yield each service that accesses an encrypted resource: service, action, resource, actions needed on the key."""
    statements = [
        (statement.principals, Rights(statement.grants))
        for policy in documents.of_kind("resource")
        for statement in policy.statements
    ]
    for each in encrypted:
        if each.resource.type == _LOG_GROUP:
            yield _LOGS, "every write", each, _LOGS_ACTIONS
        for action, access in encrypted_data_access(each.service).items():
            for principals, rights in statements:
                for kind, principal in principals if _allows(rights, action, each.arn) else ():
                    if kind == "Service":
                        yield principal, action, each, access.key


def _allows(rights: Rights, action: str, arn: str) -> bool:
    """Return whether rights allow an action on a resource, or on an object in it."""
    return rights.allows(action, arn) or rights.allows(action, f"{arn}/any")


def _grants_of_key(documents: Documents, key: Resource, service: str) -> Iterator[Grant]:
    """Yield what a key's policy grants a service."""
    for policy in documents.policies:
        if policy.resource == key:
            for statement in policy.statements:
                if ("Service", service) in statement.principals:
                    yield from statement.grants


def _may_use_key(rights: Rights, action: str, encrypted: Encrypted) -> bool:
    """Return whether rights allow an action on the key of a resource, when called for this resource."""
    context = {
        "aws:SourceAccount": ACCOUNT_ID,
        "kms:CallerAccount": ACCOUNT_ID,
        "kms:EncryptionContext:aws:logs:arn": encrypted.arn,
        "kms:EncryptionContext:aws:sns:topicArn": encrypted.arn,
        "kms:ViaService": f"{encrypted.service}.{REGION}.amazonaws.com",
    }
    return rights.allows(action, resource_arn(encrypted.key) or "", context)


def _parameter_findings(documents: Documents) -> Iterator[Finding]:
    """Report each parameter that the instances cannot read."""
    services = services_by_role(documents)
    roles = [role for role in documents.roles if _INSTANCES in services.get(role.address, ())]
    rights = Rights(grant for role in roles for grant in role.rights.grants)
    denied: dict[str, list[str]] = defaultdict(list)
    for parameter in documents.stack.all("aws_ssm_parameter") if roles else ():
        arn = resource_arn(parameter) or ""
        reads = [*((action, arn) for action in _READ_BY_NAME), ("ssm:GetParametersByPath", arn.rpartition("/")[0])]
        for action, resource in reads:
            if not rights.allows(action, resource):
                denied[action].append(parameter.address)
    for action, addresses in denied.items():
        problem = f"{roles[0].name} may not do {action} for {', '.join(addresses[:3])}, which instances read"
        remedy = f"allow {action} on the environment's path to the role of the instances"
        yield Finding(documents.stack.name, roles[0].address, PARAMETERS, problem, remedy)
