"""The page of the account: what exists once, whatever the environments."""

from collections.abc import Iterator, Mapping
from typing import Final

from wealist.checks.finding import Synthesis
from wealist.costs.estimate import estimate
from wealist.docs import settings
from wealist.docs.costs import charged
from wealist.docs.markdown import cells, code, table
from wealist.docs.messages import Messages
from wealist.docs.sections.access import roles_of
from wealist.docs.view import name_of
from wealist.model.stack import StackJson
from wealist.spec.account import ACCOUNT_ID, DOMAIN, OIDC_URL, PLANS_BUCKET, REGION, STATE_BUCKET, state_key
from wealist.spec.baseline import BASELINE

STACK: Final = "account"


def account(synthesis: Synthesis, say: Messages, drawings: Mapping[str, str]) -> Iterator[str]:
    """What the account's stack holds, what the account is held to, and who may apply what."""
    stack = synthesis.stacks[STACK]
    yield say("account.intro")
    facts = [
        ("account", code(ACCOUNT_ID)),
        ("region", code(REGION)),
        ("hosted_zone", code(DOMAIN)),
        ("oidc", code(OIDC_URL)),
        ("state_bucket", code(STATE_BUCKET)),
        ("state_keys", cells(state_key(name) for name in sorted(synthesis.stacks))),
        ("plans_bucket", code(PLANS_BUCKET)),
        ("buckets", cells(name_of(each) for each in stack.all("aws_s3_bucket"))),
    ]
    yield table(say.columns("what", "value"), [(say(f"label.{key}"), value) for key, value in facts])
    yield f"## {say('account.baseline')}"
    yield say("account.baseline_intro")
    yield table(say.columns("setting", "value", "means"), settings.values_of(say, BASELINE))
    yield f"## {say('account.roles')}"
    yield from drawings.values()
    yield from roles_of(synthesis, STACK, say)
    yield f"## {say('account.costs')}"
    yield from (block.replace("## ", "### ", 1) if block.startswith("## ") else block for block in _costs(say, stack))


def _costs(say: Messages, stack: StackJson) -> Iterator[str]:
    for block in charged(say, estimate(stack)):
        yield block.replace("### ", "#### ", 1) if block.startswith("### ") else block
