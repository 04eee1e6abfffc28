"""Who is let in by the policy of a resource: this account, and services on its behalf.

AWS          this account, or a role of it
Service      held by a condition to sources of its own: aws:SourceArn, aws:SourceAccount, kms:EncryptionContext:…
*            held to this account's principals; a VPC endpoint lets everybody read, for it gives nobody a right
"""

import re
from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents
from wealist.checks.iam.least_privilege import Owner, is_listed
from wealist.model.iam.catalog import READ_LEVELS, catalog
from wealist.model.iam.evaluate import Grant, asked
from wealist.model.iam.policy import Statement
from wealist.spec.account import ACCOUNT_ID

PRINCIPAL: Final = "iam.principal"
_ENDPOINT: Final = "aws_vpc_endpoint"
_OURS: Final = re.compile(rf"{ACCOUNT_ID}|arn:aws:iam::{ACCOUNT_ID}:(root|role/[^*?]+)")
_OWN_PRINCIPALS: Final = ("aws:PrincipalAccount", "kms:CallerAccount")
_SOURCE_ACCOUNT: Final = "aws:SourceAccount"
_SOURCE_ARN: Final = re.compile(r"aws:sourcearn|kms:encryptioncontext:.+:(topic)?arn")


def check(documents: Documents, owner: Owner) -> Iterator[Finding]:
    """Every statement of a resource's policy that lets in somebody else."""
    for policy in documents.of_kind("resource"):
        for statement in policy.statements:
            for kind, who in statement.principals if statement.effect == "Allow" else ():
                if remedy := _remedy(statement, kind, who, owner, is_endpoint=policy.resource.type == _ENDPOINT):
                    under = f" under {statement.condition}" if statement.condition else ""
                    what = f"allows {kind} {who} {', '.join(statement.actions)}{under}"
                    problem = f"the statement {statement.sid} {what}"
                    yield Finding(documents.stack.name, policy.address, PRINCIPAL, problem, remedy)


def _remedy(statement: Statement, kind: str, who: str, owner: Owner, *, is_endpoint: bool) -> str | None:
    """What to do about a principal; None where it may be let in."""
    if who == "*":
        held = any(asked(statement.conditions, key) == [ACCOUNT_ID] for key in _OWN_PRINCIPALS)
        remedy = f"name the principals, or ask StringEquals aws:PrincipalAccount {ACCOUNT_ID}"
        return None if held or (is_endpoint and _only_reads(statement)) else remedy
    if kind == "Service":
        keys = {key for block in statement.conditions.values() for key in block if _SOURCE_ARN.fullmatch(key.lower())}
        arns = [arn for key in sorted(keys) for arn in asked(statement.conditions, key)]
        wide = [arn for arn in arns if not owner.owns(arn) and not _is_listed(statement, arn)]
        if wide:
            return f"name sources of this stack in the place of {', '.join(wide)}"
        remedy = "ask ArnLike aws:SourceArn for the resource of this stack that the service acts for"
        return None if arns or asked(statement.conditions, _SOURCE_ACCOUNT) == [ACCOUNT_ID] else remedy
    return None if kind == "AWS" and _OURS.fullmatch(who) else f"name the account {ACCOUNT_ID} or a role of it"


def _is_listed(statement: Statement, arn: str) -> bool:
    return all(is_listed(Grant(action, arn), "principal") for action in statement.actions)


def _only_reads(statement: Statement) -> bool:
    return all(each.level in READ_LEVELS for action in statement.actions for each in catalog().expand(action))
