"""Checks of the account: credentials, GitHub's provider, service-linked roles, parameters, and Terraform's states."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from wealist.checks.iam import documents
from wealist.model import types
from wealist.model.stack import StackJson
from wealist.operations.aws import Clients, items
from wealist.operations.emulated_stacks import ACCOUNT
from wealist.operations.foreign_state import managed_resources, unknown_addresses
from wealist.operations.preflight.check import Answer, Check, Subject, right, wrong
from wealist.spec.account import (
    ACCOUNT_ID,
    OIDC_AUDIENCE,
    OIDC_HOST,
    STATE_BUCKET,
    STATE_LOCK_SUFFIX,
    STATE_STACK,
    state_key,
)
from wealist.spec.parameters import PLACEHOLDER

_LINKED_ROLE_PATH: Final = "/aws-service-role/"
_ABSENT: Final = frozenset({"NoSuchKey", "NoSuchBucket"})
_MOST_SHOWN: Final = 3


def identity(subject: Subject) -> Check:
    """Check that the credentials belong to the account that the AWS provider allows."""
    (provider,) = (each for each in subject.stack.document["provider"]["aws"] if "alias" not in each)
    (account,) = provider["allowed_account_ids"]
    remedy = f"export credentials of the account {account}; AWS was asked nothing else"
    return Check("account", account, remedy, partial(_identity, subject.client, account))


def _identity(client: Clients, account: str) -> Answer:
    caller = client("sts").get_caller_identity()
    return Answer(caller["Account"] == account, f"{caller['Account']}, as {caller['Arn']}")


def oidc_provider(subject: Subject) -> Iterator[Check]:
    """Check that GitHub's identity provider exists, for tokens with AWS's audience."""
    yield Check(
        f"identity provider {OIDC_HOST}",
        f"there, for {OIDC_AUDIENCE}",
        "apply the account stack (README, First deployment)",
        partial(_provider, subject.client("iam")),
    )


def _provider(iam: Any) -> Answer:  # noqa: ANN401  a boto3 client
    arn = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{OIDC_HOST}"
    try:
        audiences = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"]
    except iam.exceptions.NoSuchEntityException:
        return wrong("missing")
    return Answer(OIDC_AUDIENCE in audiences, f"there, for {', '.join(audiences)}")


def linked_roles(subject: Subject) -> Iterator[Check]:
    """Check that the service-linked role of each service exists, or that the apply role may create it."""
    kinds = {each.type for each in subject.stack.resources.values()}
    services = {row.linked_role for kind in kinds if (row := types.row(kind)) and row.linked_role}
    creatable = _creatable_roles(subject)
    for service in sorted(services):
        yield Check(
            f"service-linked role of {service}",
            "there, or made with the first resource",
            f"make it: aws iam create-service-linked-role --aws-service-name {service}",
            partial(_linked_role, subject.client("iam"), service, creatable=service in creatable),
        )


def _creatable_roles(subject: Subject) -> set[str]:
    """Return the services whose service-linked role a policy of the account stack allows to create."""
    policies = documents.read_documents(subject.stacks[ACCOUNT]).of_kind("identity")
    conditions = (
        keys
        for policy in policies
        for statement in policy.statements
        if "iam:CreateServiceLinkedRole" in statement.actions and statement.effect == "Allow"
        for keys in statement.conditions.values()
    )
    return {service for keys in conditions for service in keys.get("iam:AWSServiceName", ())}


def _linked_role(iam: Any, service: str, *, creatable: bool) -> Answer:  # noqa: ANN401  a boto3 client
    if next(items(iam, "list_roles", "Roles", PathPrefix=f"{_LINKED_ROLE_PATH}{service}/"), None):
        return right("there")
    return right("missing; the apply makes it") if creatable else wrong("missing, and the apply may not make it")


def parameters(subject: Subject) -> Iterator[Check]:
    """Check that an operator has set each parameter that Terraform creates with a placeholder. Reads no values."""
    for each in subject.stack.all("aws_ssm_parameter"):
        if each.get("value_wo") == PLACEHOLDER:
            name, kind = str(each.get("name")), str(each.get("type"))
            yield Check(
                f"parameter {name}",
                "set by an operator",
                f"README, First deployment: aws ssm put-parameter --overwrite --type {kind} --name {name} …",
                partial(_parameter, subject.client("ssm"), name),
            )


def _parameter(ssm: Any, name: str) -> Answer:  # noqa: ANN401  a boto3 client
    """Compare versions: Terraform writes version 1 and never changes it; an operator writes a later one."""
    filters = [{"Key": "Name", "Values": [name]}]
    parameter = next(items(ssm, "describe_parameters", "Parameters", ParameterFilters=filters), None)
    if parameter is None:
        return right("not made yet: set it after the first apply")
    version = parameter["Version"]
    return right(f"version {version}") if version > 1 else wrong(f"version 1: {PLACEHOLDER!r}, as Terraform wrote it")


# --- states -----------------------------------------------------------------------------------------------------------


def state_bucket(subject: Subject) -> Iterator[Check]:
    """Check that the state bucket belongs to the account, with the versioning of the bootstrap stack."""
    (versioning,) = subject.stacks[STATE_STACK].all("aws_s3_bucket_versioning")
    status = str(versioning.block("versioning_configuration")["status"])
    yield Check(
        f"state bucket {STATE_BUCKET}",
        f"ours, versioning {status}",
        "apply the bootstrap stack (README, First deployment)",
        partial(_versioning, subject.client("s3"), status),
    )


def states(subject: Subject) -> Iterator[Check]:
    """Check that the state of each stack is not locked, and holds only resources of the stack."""
    s3 = subject.client("s3")
    for name, stack in subject.stacks.items():
        remedy = "wait until that command has ended; if it was killed: terraform force-unlock ID"
        yield Check(f"lock of the state of {name}", "free", remedy, partial(_lock, s3, name))
        remedy = "apply nothing: README, Recovery, describes what to do about a state that is not the stack's own"
        yield Check(f"state of {name}", "the stack's own, or none yet", remedy, partial(_state, s3, stack))


def _versioning(s3: Any, expected: str) -> Answer:  # noqa: ANN401  a boto3 client
    try:
        status = s3.get_bucket_versioning(Bucket=STATE_BUCKET, ExpectedBucketOwner=ACCOUNT_ID).get("Status", "never")
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return wrong("missing")
        raise
    return Answer(status == expected, f"ours, versioning {status}")


def _lock(s3: Any, name: str) -> Answer:  # noqa: ANN401  a boto3 client
    content = _read_object(s3, f"{state_key(name)}{STATE_LOCK_SUFFIX}")
    if content is None:
        return right("free")
    lock = _parse_object(content) or {}
    return wrong(f"held by {lock.get('Who', 'unknown')} since {lock.get('Created')}, ID {lock.get('ID')}")


def _state(s3: Any, stack: StackJson) -> Answer:  # noqa: ANN401  a boto3 client
    content = _read_object(s3, state_key(stack.name))
    if content is None:
        return right("none yet: the first apply makes it")
    state = _parse_object(content)
    if state is None or "resources" not in state:
        return wrong("damaged: not a Terraform state")
    held = list(managed_resources(state))
    if held and not state.get("lineage"):
        return wrong("damaged: it has no lineage")
    if foreign := unknown_addresses(stack.name, held, stack.document):
        more = f" and {len(foreign) - _MOST_SHOWN} more" if len(foreign) > _MOST_SHOWN else ""
        return wrong(f"holds resources that neither stack nor inventory has: {', '.join(foreign[:_MOST_SHOWN])}{more}")
    return right(f"the stack's own, serial {state.get('serial')}")


def _read_object(s3: Any, key: str) -> bytes | None:  # noqa: ANN401  a boto3 client
    """Return the content of an object in the state bucket, or None if it does not exist."""
    try:
        content: bytes = s3.get_object(Bucket=STATE_BUCKET, Key=key, ExpectedBucketOwner=ACCOUNT_ID)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return None
        raise
    return content


def _parse_object(content: bytes) -> dict[str, Any] | None:
    """Return a JSON object, or None if the content is anything else."""
    try:
        value = json.loads(content)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
