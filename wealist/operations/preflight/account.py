"""Who we are in AWS, and what the account must hold: GitHub's provider, service-linked roles, parameters."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from wealist.checks.iam import documents
from wealist.model import types
from wealist.operations.aws import Clients, items
from wealist.operations.emulated_stacks import ACCOUNT
from wealist.operations.preflight.check import Answer, Check, Subject, right, wrong
from wealist.spec.account import ACCOUNT_ID, OIDC_AUDIENCE, OIDC_HOST
from wealist.spec.parameters import PLACEHOLDER

_LINKED: Final = "/aws-service-role/"
"""The path of every service-linked role; the service's name follows."""


def identity(subject: Subject) -> Check:
    """The credentials are of the account that the providers allow."""
    (provider,) = (each for each in subject.stack.document["provider"]["aws"] if "alias" not in each)
    (wanted,) = provider["allowed_account_ids"]
    remedy = f"export credentials of the account {wanted}; nothing else was asked of AWS"
    return Check("account", wanted, remedy, partial(_identity, subject.client, wanted))


def _identity(client: Clients, wanted: str) -> Answer:
    found = client("sts").get_caller_identity()
    return Answer(found["Account"] == wanted, f"{found['Account']}, as {found['Arn']}")


def oidc_provider(subject: Subject) -> Iterator[Check]:
    """GitHub's identity provider is there, for tokens that are meant for AWS."""
    yield Check(
        f"identity provider {OIDC_HOST}",
        f"there, for {OIDC_AUDIENCE}",
        "apply the account stack (README, First deployment)",
        partial(_provider, subject.client("iam")),
    )


def _provider(iam: Any) -> Answer:  # noqa: ANN401  a boto3 client
    arn = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{OIDC_HOST}"
    try:
        found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"]
    except iam.exceptions.NoSuchEntityException:
        return wrong("there is none")
    return Answer(OIDC_AUDIENCE in found, f"there, for {', '.join(found)}")


def linked_roles(subject: Subject) -> Iterator[Check]:
    """The service-linked role of each service in use is there, or the synthesized apply role may have it made."""
    kinds = {each.type for each in subject.stack.resources.values()}
    services = {row.linked_role for kind in kinds if (row := types.row(kind)) and row.linked_role}
    made = _made_by_pipeline(subject)
    for service in sorted(services):
        yield Check(
            f"service-linked role of {service}",
            "there, or made with the first resource",
            f"make it: aws iam create-service-linked-role --aws-service-name {service}",
            partial(_linked, subject.client("iam"), service, made=service in made),
        )


def _made_by_pipeline(subject: Subject) -> set[str]:
    """The services whose role some policy of the account stack lets be made."""
    statements = (
        each
        for policy in documents.read_documents(subject.stacks[ACCOUNT]).of_kind("identity")
        for each in policy.statements
    )
    creating = (each for each in statements if "iam:CreateServiceLinkedRole" in each.actions and each.effect == "Allow")
    keys = (keys for each in creating for keys in each.conditions.values())
    return {service for each in keys for service in each.get("iam:AWSServiceName", ())}


def _linked(iam: Any, service: str, *, made: bool) -> Answer:  # noqa: ANN401  a boto3 client
    if next(items(iam, "list_roles", "Roles", PathPrefix=f"{_LINKED}{service}/"), None):
        return right("there")
    return Answer(made, "not there; the apply makes it" if made else "not there, and the apply may not make it")


def parameters(subject: Subject) -> Iterator[Check]:
    """Each parameter that only an operator knows has been set. No value is read: the version tells."""
    stack = subject.stack
    for each in stack.all("aws_ssm_parameter"):
        if each.get("value_wo") == PLACEHOLDER:
            name, kind = str(each.get("name")), str(each.get("type"))
            yield Check(
                f"parameter {name}",
                "set by an operator",
                f"README, First deployment: aws ssm put-parameter --overwrite --type {kind} --name {name} …",
                partial(_parameter, subject.client("ssm"), name),
            )


def _parameter(ssm: Any, name: str) -> Answer:  # noqa: ANN401  a boto3 client
    """Terraform writes version 1 and leaves the parameter alone: whoever sets it writes a later one."""
    filters = [{"Key": "Name", "Values": [name]}]
    found = next(items(ssm, "describe_parameters", "Parameters", ParameterFilters=filters), None)
    if found is None:
        return right("not made yet: set it after the first apply")
    number = found["Version"]
    return right(f"version {number}") if number > 1 else wrong(f"version 1: {PLACEHOLDER!r}, as Terraform wrote it")
