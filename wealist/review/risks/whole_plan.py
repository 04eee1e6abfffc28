"""Findings about more than one planned change: drift that the apply leaves, provider actions, refreshes, checks."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from wealist.model.values import Value
from wealist.review.changes import Action, Change, FailedCheck, Invocation, Plan
from wealist.review.difference import difference
from wealist.review.finding import Finding, Kind, Severity, Words, code, worst_per_argument
from wealist.review.inline import OWNER_ARGUMENTS, ResourcesByOwner, with_inline_entries
from wealist.review.risks import permissions, routing, rules, security_groups, settings
from wealist.review.risks.data_loss import held_data
from wealist.review.values import differing_arguments, first

WHOLE_PLAN: Final = "the plan"
"""Address of a finding that is about no resource."""
INVOKED: Final = {
    "aws_cloudfront_create_invalidation": "the cache is emptied",
    "aws_codebuild_start_build": "a build is started",
    "aws_ec2_stop_instance": "an instance is stopped",
    "aws_lambda_invoke": "a function is run",
    "aws_ses_send_email": "an e-mail is sent",
    "aws_sfn_start_execution": "a state machine is started",
}
"""Type of a provider action → its effect.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs (Actions)
"""
_DRIFT_RISKS: Final = (security_groups.find, routing.find, permissions.find, rules.find, settings.find)
_OUTSIDE: Final = "was changed outside of Terraform: "


def find(plan: Plan) -> Iterator[Finding]:
    """Report drift that stays, provider actions, what a refresh-only plan writes into the state, and failed checks."""
    yield from _drift(plan)
    yield from map(_invoked, plan.invocations)
    if plan.is_refresh_only:
        yield from map(_refreshed, plan.drift)
        if not plan.drift:
            words = ("can be applied but contains no change: Terraform would rewrite the state",)
            yield Finding(Severity.CAUTION, Kind.STATE, WHOLE_PLAN, words)
    yield from map(_failed, plan.failed_checks)


def _drift(plan: Plan) -> Iterator[Finding]:
    """Report dangerous changes outside of Terraform that the apply does not revert."""
    planned = {change.address: change for change in plan.changes}
    resources = _resources_by_owner(plan)
    for change in plan.refreshed:
        own = planned.get(change.address)
        if change.action is Action.UPDATE and (own is None or own.action is not Action.DESTROY):
            yield from _remaining(change, own, resources, plan)


def _resources_by_owner(plan: Plan) -> ResourcesByOwner:
    """Group the resources that inline arguments may list, as they are in AWS before the apply."""
    found: ResourcesByOwner = {}
    for change in (*plan.changes, *plan.unchanged):
        owner = first(change.before, OWNER_ARGUMENTS[change.type]) if change.type in OWNER_ARGUMENTS else None
        if isinstance(owner, str):
            found.setdefault((change.type, owner), []).append(change.before)
    return found


def _remaining(change: Change, planned: Change | None, resources: ResourcesByOwner, plan: Plan) -> Iterator[Finding]:
    """Report what is dangerous both now and after the apply."""
    before = with_inline_entries(change.before, change.type, resources)
    now = _judge(change, before, change.after, plan)
    then = _judge(change, before, planned.after, plan) if planned else now
    remaining = {finding.words for finding in then}
    for finding in now:
        if finding.words in remaining:
            yield replace(finding, words=(_OUTSIDE, *finding.words))


def _judge(change: Change, before: Value, after: Value, plan: Plan) -> list[Finding]:
    """Judge the arguments that really differ: AWS may return a default in another form."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = differing_arguments(before, after)
        after = {name: after.get(name) if name in names else value for name, value in {**after, **before}.items()}
    changed = replace(change, before=before, after=after)
    found = worst_per_argument(list(chain.from_iterable(risk(changed, plan) for risk in _DRIFT_RISKS)))
    return [finding for finding in found if finding.severity > Severity.NOTE]


def _invoked(invocation: Invocation) -> Finding:
    when: Words = ()
    if invocation.trigger:
        address, event = invocation.trigger
        when = (" at ", code(event or "a change"), " of ", code(address))
    effect = INVOKED.get(invocation.type, "its effect is unknown")
    severity = Severity.CAUTION if invocation.type in INVOKED else Severity.DANGER
    lines = tuple(difference(None, invocation.configuration))
    return Finding(severity, Kind.ACTION, invocation.address, ("is run", *when, f": {effect}"), lines)


def _refreshed(change: Change) -> Finding:
    if change.action is not Action.DESTROY:
        words: Words = ("was changed outside of Terraform: the apply writes this to the state",)
        return Finding(Severity.NOTE, Kind.STATE, change.address, words)
    lost = held_data(change)
    words = ("was deleted outside of Terraform: the apply removes it from the state", f"; it {lost}" if lost else "")
    return Finding(Severity.DANGER if lost else Severity.CAUTION, Kind.STATE, change.address, words)


def _failed(check: FailedCheck) -> Finding:
    words = [word for problem in check.problems for word in (": ", code(problem))]
    return Finding(Severity.CAUTION, Kind.CHECK, check.address, ("fails", *words))
