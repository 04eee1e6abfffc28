"""Check who can assume each role, by its trust policy and by the resources that pass it to a service.

    role passed to a service          that service only
    role of an environment's stack    workflows of the organisation, limited by `github_deploy`
    role of the account's stack       workflows of this repository: pull requests and the main branch can read; only
                                      named environments from the main branch can write

The column `roles` of types.toml lists the arguments that pass a role, with the service or the type that must be there:
    aws_iam_instance_profile.role                  a role of this stack that only ec2.amazonaws.com can assume
    aws_launch_template.iam_instance_profile.arn   an instance profile of this stack
    aws_lambda_function.role                       a role of this stack that only lambda.amazonaws.com can assume
A role in any other argument is a finding.

The subject of a token must begin with `repo:OrangesCloud/`, or in the immutable form with `repo:OrangesCloud@`, without
a wildcard in this part: the name of an organisation contains neither a slash nor an @. Administrators of a repository
can choose the rest of its subject, but no other claim, so the other claims are compared by StringEquals.
https://docs.github.com/en/actions/reference/security/oidc
"""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Role
from wealist.model.iam.catalog import READ_LEVELS, catalog
from wealist.model.iam.evaluate import condition_values
from wealist.model.iam.policy import Statement
from wealist.model.stack import Resource
from wealist.model.type_row import Passed
from wealist.model.types import SHOWN, row
from wealist.spec.account import (
    ACCOUNT_ID,
    GITHUB_ORGANISATION,
    INFRASTRUCTURE_REPOSITORY,
    MAIN_BRANCH,
    OIDC_AUDIENCE,
    OIDC_HOST,
    PLANS_BUCKET,
)
from wealist.spec.environment import Environment

TRUST: Final = "iam.trust"
SHARED: Final = "iam.shared-trust"
PASSED: Final = "iam.role-passing"
GITHUB: Final = ("Federated", f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{OIDC_HOST}")
"""The principal of GitHub workflows, which authenticate with a token."""
_CLAIMS: Final = frozenset(
    {
        "actor", "actor_id", "aud", "enterprise_id", "environment", "job_workflow_ref", "ref", "repository",
        "repository_id", "sub", "workflow",
    }
)  # fmt: skip
"""The claims of GitHub's tokens that AWS reads; a condition on another claim is never met.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""
_ASSUME_BY_TOKEN: Final = "sts:AssumeRoleWithWebIdentity"  # noqa: S105  an action
_CROSS_ACCOUNT_SERVICES: Final = frozenset(
    {"backup.amazonaws.com", "codedeploy.amazonaws.com", "vpc-flow-logs.amazonaws.com"}
)
"""Services that act for any account: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html."""
_ORGANISATION: Final = "|".join(sorted({GITHUB_ORGANISATION, GITHUB_ORGANISATION.lower()}))
_OWN_ORGANISATION: Final = re.compile(rf"repo:(?:{_ORGANISATION})(?:/|@)")
_OWN_REPOSITORY: Final = (
    rf"repo:(?:{_ORGANISATION})(?:/{INFRASTRUCTURE_REPOSITORY}|@[\d*]+/{INFRASTRUCTURE_REPOSITORY}@[\d*]+)"
)
_NAMED_ENVIRONMENT: Final = re.compile(rf"{_OWN_REPOSITORY}:environment:[a-z][a-z0-9-]*")
_PLANNING_SUBJECT: Final = re.compile(rf"{_OWN_REPOSITORY}:(?:pull_request|ref:refs/heads/{MAIN_BRANCH})")
_PLAN_OBJECT: Final = re.compile(rf"arn:aws:s3:::{PLANS_BUCKET}/(?:[a-z0-9-]+/)?\*")
_ROLE: Final = "aws_iam_role"
_NO_SERVICE: Final = "none"
"""Value of a row for an argument that names a role, but passes it to no service."""
_ROLE_ARGUMENT: Final = re.compile(r"(?:^|_)roles?(?:_(?:arns?|names?|ids?))?$|instance_profile")
_NO_ROLES: Final = frozenset({"//", "tags", "tag", "tag_specifications", "depends_on"})

Problems = Iterator[tuple[str, str]]
"""Problem and remedy of each."""


def check(documents: Documents, config: Environment | None) -> Iterator[Finding]:
    """Report each role of a stack that an unexpected service or workflow can assume.

    Args:
        documents: The stack's policies.
        config: The environment; None for a stack that is not an environment.
    """
    services = services_by_role(documents)
    for role in documents.roles:
        for problem, remedy in _problems(role, services.get(role.address, set()), config):
            yield Finding(documents.stack.name, role.address, TRUST, f"{role.name} {problem}", remedy)


def check_shared(environments: Mapping[str, tuple[Documents, Environment]]) -> Iterator[Finding]:
    """Report roles of two environments that one workflow can assume, unless a setting of either allows it."""
    for (name, (documents, config)), (_, (others, other)) in combinations(sorted(environments.items()), 2):
        if any(each.github_deploy.every_workflow_of_the_organisation for each in (config, other)):
            continue
        for ours in documents.roles:
            for theirs in others.roles:
                if is_shared(ours, theirs):
                    problem = f"{theirs.name} can be assumed by a workflow that can assume {ours.name} of {name}"
                    remedy = "require StringEquals on one claim, ref or environment, with a different value in each"
                    yield Finding(others.stack.name, theirs.address, SHARED, problem, remedy)


def check_passed(documents: Documents) -> Iterator[Finding]:
    """Report each argument that passes a role to a service that must not use it."""
    roles = {role.address: role for role in documents.roles}
    for resource in documents.stack.resources.values():
        listed = _role_arguments(resource.type)
        named = list(_named_roles(resource))
        for path, value in (*named, *((path, None) for path in listed.keys() - dict(named).keys())):
            argument = listed.get(path)
            if argument is None:
                problem = f"{path} names the role {value!r}, and types.toml does not say which service uses it"
                remedy = f"remove it, or list the argument in the column `roles` of [{resource.type}] in {SHOWN}"
                yield Finding(documents.stack.name, resource.address, PASSED, problem, remedy)
            elif argument.to != _NO_SERVICE and (detail := _passing_problem(documents, value, argument, roles)):
                remedy = f"refer to an {_expected_type(argument)} of this stack"
                remedy += " that only this service can assume" if _service(argument) else ""
                yield Finding(documents.stack.name, resource.address, PASSED, f"{path} is {detail}", remedy)


def services_by_role(documents: Documents) -> dict[str, set[str]]:
    """Map the address of each role to the services that resources pass it to."""
    services: dict[str, set[str]] = {}
    for resource in documents.stack.resources.values():
        listed = _role_arguments(resource.type)
        for path, value in _named_roles(resource) if listed else ():
            role = documents.stack.target(value)
            if path in listed and _service(listed[path]) and role is not None and role.type == _ROLE:
                services.setdefault(role.address, set()).add(listed[path].to)
    return services


def github_statements(role: Role) -> list[Statement]:
    """Return the statements of a role's trust policy that allow GitHub workflows."""
    return [each for each in role.trust if each.effect == "Allow" and GITHUB in each.principals]


def claims_of(statement: Statement) -> set[str]:
    """Return the names of the claims of GitHub's token that a statement compares."""
    keys = {key.lower() for block in statement.conditions.values() for key in block}
    return {key.removeprefix(f"{OIDC_HOST}:") for key in keys if key.startswith(f"{OIDC_HOST}:")}


def is_shared(one: Role, other: Role) -> bool:
    """Return whether one workflow can assume both roles.

    False only if a claim for which both require exact values has no value in common, so the answer may be True for
    roles that no real token can assume, but is never wrongly False.
    """
    return any(
        not _are_disjoint(ours, theirs) for ours in github_statements(one) for theirs in github_statements(other)
    )


def _are_disjoint(one: Statement, other: Statement) -> bool:
    for claim in claims_of(one) & claims_of(other):
        # GitHub ignores case in some claims.
        ours, theirs = ({value.lower() for value in _exact_values(each, claim)} for each in (one, other))
        if ours and theirs and ours.isdisjoint(theirs):
            return True
    return False


def _exact_values(statement: Statement, claim: str) -> set[str]:
    """Return the values that a statement requires of a claim by `StringEquals`; empty if it requires none."""
    return set(condition_values(statement.conditions, f"{OIDC_HOST}:{claim}", "StringEquals"))


def _problems(role: Role, services: Collection[str], config: Environment | None) -> Problems:
    for statement in role.trust:
        for kind, principal in statement.principals if statement.effect == "Allow" else ():
            if kind == "Service" and principal in services:
                yield from _service_problems(statement, principal)
            elif (kind, principal) == GITHUB and not services:
                yield from _workflow_problems(statement)
                yield from _deploy_problems(statement, config) if config else _pipeline_problems(role, statement)
            else:
                expected = " or ".join(sorted(services)) or f"{GITHUB[1]} only, or remove the role"
                reason = f"but is passed to {expected}" if services else "but no resource of this stack passes it"
                yield f"trusts {kind} {principal}, {reason}", f"trust {expected}"


def _service_problems(statement: Statement, service: str) -> Problems:
    if service in _CROSS_ACCOUNT_SERVICES and condition_values(statement.conditions, "aws:SourceAccount") != [
        ACCOUNT_ID
    ]:
        yield f"trusts {service} on behalf of any account", f"require StringEquals aws:SourceAccount {ACCOUNT_ID}"
    if statement.actions != ("sts:AssumeRole",):
        yield f"lets its service call {', '.join(statement.actions)}", "allow sts:AssumeRole only"


def _workflow_problems(statement: Statement) -> Problems:
    """Check what every role for workflows must require."""
    if statement.actions != (_ASSUME_BY_TOKEN,):
        yield f"lets GitHub call {', '.join(statement.actions)}", f"allow {_ASSUME_BY_TOKEN} only"
    yield from _claim_problems(statement, "aud", {OIDC_AUDIENCE}, "a token for AWS")
    for claim in sorted(claims_of(statement) - _CLAIMS):
        problem = f"compares the claim {claim}, which AWS does not read, so no workflow can assume it"
        yield problem, f"use one of {', '.join(sorted(_CLAIMS))}"
    for subject in _subjects(statement) or ["every workflow on GitHub"]:
        if not _OWN_ORGANISATION.match(subject):
            remedy = f"begin {OIDC_HOST}:sub with repo:{GITHUB_ORGANISATION}/ or repo:{GITHUB_ORGANISATION}@"
            yield f"trusts {subject}, outside of {GITHUB_ORGANISATION}", remedy


def _deploy_problems(statement: Statement, config: Environment) -> Problems:
    """Check that an environment's role requires the claims of its `github_deploy`."""
    for claim, values in config.deploy_claims.items():
        yield from _claim_problems(statement, claim, set(values), f"github_deploy of {config.name}")


def _claim_problems(statement: Statement, claim: str, values: set[str], required_by: str) -> Problems:
    """Report a claim for which a statement requires no values, or others than expected."""
    actual = _exact_values(statement, claim)
    if actual != values:
        trusted = f"the {claim} {', '.join(sorted(actual))}" if actual else f"any {claim}"
        expected = ", ".join(sorted(values))
        remedy = f"require StringEquals {OIDC_HOST}:{claim} {expected}"
        yield f"trusts {trusted}, but {required_by} requires {expected}", remedy


def _pipeline_problems(role: Role, statement: Statement) -> Problems:
    """Check the roles that plan and apply: only this repository, and writes only from a protected environment."""
    repository = f"{GITHUB_ORGANISATION}/{INFRASTRUCTURE_REPOSITORY}"
    yield from _claim_problems(statement, "repository", {repository}, "the pipeline")
    subjects = _subjects(statement)
    for subject in subjects:
        if not (_PLANNING_SUBJECT.fullmatch(subject) or _NAMED_ENVIRONMENT.fullmatch(subject)):
            remedy = f"trust pull requests, {MAIN_BRANCH} or named environments of {INFRASTRUCTURE_REPOSITORY} only"
            yield f"trusts {subject}", remedy
    main = f"refs/heads/{MAIN_BRANCH}"
    is_protected = _exact_values(statement, "ref") == {main} and all(map(_NAMED_ENVIRONMENT.fullmatch, subjects))
    if not is_protected and (writes := sorted(_writes(role))):
        remedy = f"trust named environments only, and require StringEquals {OIDC_HOST}:ref {main}"
        yield f"allows {', '.join(writes[:3])} to workflows without a review", remedy


def _writes(role: Role) -> set[str]:
    """Return the actions that a role has beyond reading, decrypting what it reads, and writing a plan."""
    return {
        action.name
        for grant in role.rights.allowed
        for action in catalog().expand(grant.action)
        if action.level not in READ_LEVELS
        and action.name != "kms:Decrypt"
        and not (action.name == "s3:PutObject" and _PLAN_OBJECT.fullmatch(grant.resource))
    }


def _subjects(statement: Statement) -> list[str]:
    return condition_values(statement.conditions, f"{OIDC_HOST}:sub", "StringEquals", "StringLike")


def _role_arguments(kind: str) -> Mapping[str, Passed]:
    known = row(kind)
    return known.roles if known else {}


def _service(argument: Passed) -> str | None:
    """Return the service that an argument passes a role to; None if it names something else."""
    return argument.to if "." in argument.to else None


def _expected_type(argument: Passed) -> str:
    return _ROLE if _service(argument) else argument.to


def _passing_problem(documents: Documents, value: object, argument: Passed, roles: Mapping[str, Role]) -> str | None:
    if value is None:
        return "not set" if argument.required else None
    target = documents.stack.target(value)
    is_whole = target and value in {f"${{{target.address}.{attribute}}}" for attribute in argument.by}
    if target is None or not is_whole or target.type != _expected_type(argument):
        return f"{value!r}, which is not an {_expected_type(argument)} of this stack"
    role = roles.get(target.address)
    trusted = {principal for statement in role.trust for _, principal in statement.principals} if role else set()
    if (service := _service(argument)) and trusted != {service}:
        return f"{value!r}, which is passed to {service}, but trusts {', '.join(sorted(trusted)) or 'no principal'}"
    return None


def _named_roles(resource: Resource) -> Iterator[tuple[str, object]]:
    """Yield the path and value of each argument that names a role, nested ones included."""
    for path, value in resource.leaves:
        steps = path.split(".")
        if _NO_ROLES.isdisjoint(steps) and any(map(_ROLE_ARGUMENT.search, steps)):
            yield path, value
