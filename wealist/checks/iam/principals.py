"""Who is let in by the policy of a resource: this account, and services on its behalf.

AWS          this account, or a role of it
Service      held by a condition to sources of its own: aws:SourceArn, aws:SourceAccount, kms:EncryptionContext:…
*            held to this account's principals; a VPC endpoint lets everybody read, for it gives nobody a right
"""

import re
from collections.abc import Iterator
from typing import Final

from wealist.checks.finding import Finding
from wealist.checks.iam.documents import Documents, Statement
from wealist.checks.iam.least_privilege import Owner, is_listed
from wealist.model.iam.catalog import READ_LEVELS, catalog
from wealist.model.iam.evaluate import Grant, listed
from wealist.spec.account import ACCOUNT_ID

PRINCIPAL: Final = "iam.principal"
_ENDPOINT: Final = "aws_vpc_endpoint"
_OURS: Final = re.compile(rf"{ACCOUNT_ID}|arn:aws:iam::{ACCOUNT_ID}:(root|role/[^*?]+)")
_OWN_PRINCIPALS: Final = frozenset({"aws:principalaccount", "kms:calleraccount"})
_SOURCE_ACCOUNT: Final = "aws:sourceaccount"
_SOURCE_ARN: Final = re.compile(r"aws:sourcearn|kms:encryptioncontext:.+:arn")


def check(documents: Documents, owner: Owner) -> Iterator[Finding]:
    """Every statement of a resource's policy that lets in somebody else."""
    for policy in documents.of_kind("resource"):
        is_endpoint = documents.stack.resources[policy.address].type == _ENDPOINT
        for statement in policy.statements:
            for kind, who in statement.principals if statement.effect == "Allow" else ():
                if remedy := _remedy(statement, kind, who, owner, is_endpoint=is_endpoint):
                    what = ", ".join(statement.actions)
                    under = f" under {statement.condition}" if statement.condition else ""
                    problem = f"the statement {statement.sid} allows {kind} {who} {what}{under}"
                    yield Finding(documents.stack.name, policy.address, PRINCIPAL, problem, remedy)


def _remedy(statement: Statement, kind: str, who: str, owner: Owner, *, is_endpoint: bool) -> str | None:
    """What to do about a principal; None where it may be let in."""
    asked = {key.lower(): listed(values) for block in statement.conditions.values() for key, values in block.items()}
    if who == "*":
        held = any(asked.get(key) == [ACCOUNT_ID] for key in _OWN_PRINCIPALS)
        remedy = f"name the principals, or ask StringEquals aws:PrincipalAccount {ACCOUNT_ID}"
        return None if held or (is_endpoint and _only_reads(statement)) else remedy
    if kind == "Service":
        arns = [arn for key, values in asked.items() if _SOURCE_ARN.fullmatch(key) for arn in values]
        if arns:
            wide = [arn for arn in arns if not owner.owns(arn) and not _is_listed(statement, arn)]
            return f"name sources of this stack in the place of {', '.join(wide)}" if wide else None
        remedy = "ask ArnLike aws:SourceArn for the resource of this stack that the service acts for"
        return None if asked.get(_SOURCE_ACCOUNT) == [ACCOUNT_ID] else remedy
    return None if kind == "AWS" and _OURS.fullmatch(who) else f"name the account {ACCOUNT_ID} or a role of it"


def _is_listed(statement: Statement, arn: str) -> bool:
    return all(is_listed(Grant(action, arn), "principal") for action in statement.actions)


def _only_reads(statement: Statement) -> bool:
    return all(each.level in READ_LEVELS for action in statement.actions for each in catalog().expand(action))
