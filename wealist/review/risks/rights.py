"""How bad a permission is that is given anew.

of a role ─┬─ what it may do ─ everything, on everything; a way to further permissions
of a thing ┴─ who may ─ anybody, another account, workflows of others        trusted.py
"""

import functools
from typing import Final

from wealist.model.iam.catalog import PERMISSIONS, catalog
from wealist.model.iam.escalation import leads_up
from wealist.review.changes import Plan
from wealist.review.finding import Severity, Words, code
from wealist.review.risks.policy import ALL_BUT, Grant
from wealist.review.risks.trusted import judge_principal

_ARN_PARTS: Final = 6

Judgement = tuple[Severity, Words]
"""How bad it is at least, and the end of the sentence that says why."""


def judge(grant: Grant, plan: Plan) -> Judgement:
    """An allowed grant that was not there before."""
    if grant.principal:
        # In the policy of one thing `*` is that thing: who may is what matters.
        return judge_principal(grant, plan)
    everywhere = _is_everywhere(grant.resource)
    all_but = grant.action.startswith(ALL_BUT)
    if everywhere and (all_but or not grant.action.partition(":")[2].strip("*?")):
        where: Words = (" on everything",) if grant.resource == "*" else (" on ", code(grant.resource))
        return Severity.DANGER, (": ", code(grant.action), *where)
    if leads_up(grant.action):
        severity = (Severity.NOTE, Severity.CAUTION, Severity.DANGER)[everywhere + (not grant.condition)]
        return severity, (": ", code(grant.action), " can lead to further permissions")
    if everywhere and _gives_rights(grant.action):
        return Severity.CAUTION, (": ", code(grant.action), " can give rights over anything")
    if all_but or grant.resource.startswith(ALL_BUT):
        return Severity.CAUTION, (": ", code(grant.action), " on ", code(grant.resource))
    return Severity.NOTE, ()


@functools.cache
def _gives_rights(action: str) -> bool:
    return any(each.level == PERMISSIONS for each in catalog().expand(action))


@functools.cache
def _is_everywhere(resource: str) -> bool:
    """Whether a pattern leaves no resource of its service out: `*`, `arn:aws:*`, `arn:aws:iam::290008131187:*`."""
    parts = resource.split(":", _ARN_PARTS - 1)
    if resource.startswith(ALL_BUT):
        return True
    return not parts[-1].strip("*?:/") if len(parts) == _ARN_PARTS else resource.endswith("*")
