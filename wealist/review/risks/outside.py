"""What an apply does beside changing resources: it takes drift into the state, and runs actions of providers."""

from collections.abc import Iterator
from typing import Final

from wealist.review.changes import Action, Change, Invocation, Plan
from wealist.review.difference import difference
from wealist.review.finding import Finding, Kind, Severity, Words, code
from wealist.review.risks.lost import holds

WHOLE_PLAN: Final = "the plan"
"""The address of a finding that is about no resource."""

INVOKED: Final = {
    "aws_cloudfront_create_invalidation": "the cache is emptied",
    "aws_codebuild_start_build": "a build is started",
    "aws_ec2_stop_instance": "an instance is stopped",
    "aws_lambda_invoke": "a function is run",
    "aws_ses_send_email": "an e-mail is sent",
    "aws_sfn_start_execution": "a state machine is started",
}
"""Type of an action → what it does.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs (Actions)
"""


def find(plan: Plan) -> Iterator[Finding]:
    """Report the actions that are run, and of a refresh-only plan what it takes into the state."""
    yield from map(_invoked, plan.invocations)
    if plan.is_refresh_only:
        yield from map(_refreshed, plan.drift)
        if not plan.drift:
            words = ("can be applied, and shows no change: Terraform would write the state anew",)
            yield Finding(Severity.CAUTION, Kind.STATE, WHOLE_PLAN, words)


def _invoked(invocation: Invocation) -> Finding:
    when: Words = ()
    if invocation.trigger:
        address, event = invocation.trigger
        when = (" at ", code(event or "a change"), " of ", code(address))
    effect = INVOKED.get(invocation.type, "what it does is not known here")
    severity = Severity.CAUTION if invocation.type in INVOKED else Severity.DANGER
    lines = tuple(difference(None, invocation.configuration))
    return Finding(severity, Kind.ACTION, invocation.address, ("is run", *when, f": {effect}"), lines)


def _refreshed(change: Change) -> Finding:
    if change.action is not Action.DESTROY:
        words: Words = ("was changed outside of Terraform: the apply takes that into the state",)
        return Finding(Severity.NOTE, Kind.STATE, change.address, words)
    lost = holds(change)
    words = ("was deleted outside of Terraform: the apply takes it out of the state", f"; it {lost}" if lost else "")
    return Finding(Severity.DANGER if lost else Severity.CAUTION, Kind.STATE, change.address, words)
