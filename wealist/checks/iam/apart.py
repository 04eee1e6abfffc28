"""Whoever plans one stack reads no secret of another: neither its state, nor its parameters and secrets, nor its plans.

Who may push a branch may run code as a role that plans, unless its GitHub environment is protected (ADR 65).
"""

from collections.abc import Iterator, Mapping
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.coverage import plan_role
from wealist.checks.iam.documents import Documents
from wealist.model.iam.references import arn_of
from wealist.spec.account import ACCOUNT_ID, PLANS_BUCKET, REGION, STATE_BUCKET, state_key

APART: Final = "iam.apart"
_PARAMETER: Final = "aws_ssm_parameter"
_READ: Final = ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParameterHistory", "ssm:GetParametersByPath")
_SECRET: Final = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:any"


def check(account: Documents, every: Mapping[str, Documents]) -> Iterator[Finding]:
    """Everything of another stack that a role which plans may read.

    Args:
        account: The stack of the roles.
        every: Every stack, by name.
    """
    roles = {role.name: role for role in account.roles}
    for stack in every:
        if role := roles.get(plan_role(stack)):
            others = [documents for name, documents in every.items() if name != stack]
            for action, arn in (pair for each in others for pair in _secrets_of(each)):
                if role.rights.may(action, arn):
                    problem = f"{role.name} may do {action} on {arn}, which is not of {stack}"
                    remedy = f"allow it on what bears the name of {stack} alone"
                    yield Finding(account.stack.name, role.address, APART, problem, remedy)
                    break


def _secrets_of(documents: Documents) -> Iterator[tuple[str, str]]:
    """What nobody but a stack's own role may read, and by which action."""
    name = documents.stack.name
    yield "s3:GetObject", f"arn:aws:s3:::{STATE_BUCKET}/{state_key(name)}"
    yield "s3:GetObject", f"arn:aws:s3:::{PLANS_BUCKET}/{name}/any.tfplan"
    yield "secretsmanager:GetSecretValue", _SECRET
    for resource in documents.stack.resources.values():
        if resource.type == _PARAMETER and (arn := arn_of(resource)):
            yield from ((action, arn) for action in _READ)
