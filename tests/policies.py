"""Read the rights of roles from synthesized policies, and evaluate requests and tokens as IAM and STS do."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from tests.synthesized import Stack
from wealist.checks.iam.trust import GITHUB
from wealist.model.iam import evaluate
from wealist.model.iam.evaluate import Grant, meets_conditions
from wealist.model.iam.policy import Statement
from wealist.model.values import as_list
from wealist.spec.account import OIDC_HOST

__all__ = ["Grant", "allows", "allows_somewhere", "grants", "grants_of", "managed"]


def grants(policy: str) -> set[Grant]:
    """Return the grants of a policy document. A reference becomes `aws_kms_key.encryption_key.arn`."""
    return {
        Grant(action, re.sub(r"\$\{([^}]*)\}", r"\1", resource), _condition(statement), statement["Effect"])
        for statement in as_list(json.loads(policy)["Statement"])
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def _condition(statement: Mapping[str, Any]) -> str:
    return json.dumps(statement["Condition"], sort_keys=True) if statement.get("Condition") else ""


def grants_of(stack: Stack, role: str) -> set[Grant]:
    """Return the grants of all customer-managed policies of a role."""
    return {grant for policy in stack.policies(role).values() for grant in grants(policy["policy"])}


def allows(given: Iterable[Grant], action: str, resource: str, **context: str) -> bool:
    """Return whether IAM would allow an action.

    The context names condition keys by their last word: `PassedToService="ec2.amazonaws.com"`.
    """
    given = list(given)
    keys = {key for grant in given for block in grant.conditions.values() for key in block}
    named = {key: context[word] for key in keys if (word := re.split(r"[:/]", key)[-1]) in context}
    return evaluate.allows(given, action, resource, named)


def may_assume(trust: Iterable[Statement], claims: Mapping[str, str]) -> bool:
    """Return whether STS would let a GitHub workflow assume a role.

    Args:
        trust: The statements of the role's trust policy.
        claims: The claims of the workflow's token, by name: `aud`, `sub`, …
    """
    context = {f"{OIDC_HOST}:{claim}": value for claim, value in claims.items()}
    effects = {
        statement.effect
        for statement in trust
        if GITHUB in statement.principals
        and any(action.lower() in {"sts:assumerolewithwebidentity", "sts:*", "*"} for action in statement.actions)
        and meets_conditions(statement.conditions, context)
    }
    return effects == {"Allow"}


def allows_somewhere(given: Iterable[Grant], action: str, **context: str) -> bool:
    """Return whether IAM would allow an action on any of the resources that a policy names for it."""
    given = list(given)
    places = {
        grant.resource for grant in given if grant.effect == "Allow" and evaluate.matches_action(grant.action, action)
    }
    return any(allows(given, action, each if each == "*" else each.replace("*", "x"), **context) for each in places)


@cache
def managed(name: str) -> frozenset[str]:
    """Return the actions of an AWS managed policy."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data  # noqa: PLC0415  loads all of moto

    statements = json.loads(aws_managed_policies_data)[name]["Document"]["Statement"]
    return frozenset(action for statement in statements for action in statement["Action"])
