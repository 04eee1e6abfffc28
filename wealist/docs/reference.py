"""The pages about no single environment, and the failure drill: account, comparison, checks and waivers."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from wealist.checks import drill as drills
from wealist.checks import waivers
from wealist.checks.check import PROOFS
from wealist.checks.finding import Synthesis
from wealist.checks.rules import RULES
from wealist.costs.estimate import estimate
from wealist.docs import settings
from wealist.docs.costs import monthly_costs
from wealist.docs.markdown import NONE, cells, code, codes, highlight, table, text
from wealist.docs.messages import Messages
from wealist.docs.sections.access import roles_of
from wealist.docs.view import View, name_of, section_facts
from wealist.spec.account import ACCOUNT_ID, DOMAIN, OIDC_URL, PLANS_BUCKET, REGION, STATE_BUCKET, state_key
from wealist.spec.baseline import BASELINE

Section = Callable[[View], Iterator[str]]
"""Yields the blocks of one section, as Markdown."""
ACCOUNT: Final = "account"
"""The stack of the account."""


def account(synthesis: Synthesis, say: Messages, drawings: Mapping[str, str]) -> Iterator[str]:
    """Yield the page of the account: its resources, baseline settings, roles and costs."""
    stack = synthesis.stacks[ACCOUNT]
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
    yield from roles_of(synthesis, ACCOUNT, say)
    yield f"## {say('account.costs')}"
    for block in monthly_costs(say, estimate(stack)):
        yield f"#{block}" if block.startswith("#") else block


def drill(view: View) -> Iterator[str]:
    """Yield the page of an environment's failure drill."""
    yield view.say("drill.intro")
    say = view.say
    rows = [
        (
            say(f"word.{each.state}"),
            say.translate("event_of_drill", each.event),
            say.translate("part_of_drill", each.part),
            say.translate("why_of_drill", each.why),
        )
        for each in drills.drill(view.synthesis, view.environment.name)
    ]
    yield table(say.columns("state", "event", "part", "why"), rows)


def comparison(say: Messages, views: Sequence[View], sections: Mapping[str, Section]) -> Iterator[str]:
    """Yield the page that compares all environments. Rows with different values are bold."""
    yield say("compare.intro")
    names = [code(view.environment.name) for view in views]
    yield f"## {say('compare.built')}"
    for name, section in sections.items():
        facts = [section_facts(view, section) for view in views]
        labels = dict.fromkeys(label for each in facts for label in each)
        rows = [highlight(label, [each.get(label, NONE) for each in facts]) for label in labels]
        yield f"### {say(f'section.{name}')}"
        yield table((say("column.what"), *names), rows)
    yield f"## {say('compare.values')}"
    yield table((say("column.setting"), *names), settings.side_by_side([view.environment for view in views]))
    yield f"## {say('compare.counts')}"
    counts = [Counter(each.type for each in view.stack.resources.values()) for view in views]
    kinds = sorted({kind for count in counts for kind in count})
    rows = [highlight(code(kind), [str(count[kind]) for count in counts]) for kind in kinds]
    yield table((say("column.type"), *names), rows)


def checks(say: Messages) -> Iterator[str]:
    """Yield the page of all proofs, rules and waivers."""
    yield say("judged.intro")
    yield say("judged.plans")
    yield f"## {say('judged.proofs')}"
    yield say("judged.proofs_intro", names=codes(PROOFS))
    yield f"## {say('judged.rules')}"
    rules = [
        (
            code(each.control),
            cells(each.types),
            code(each.path or each.check or each.operator),
            text(each.severity),
            text(each.remedy),
        )
        for each in RULES
    ]
    yield table(say.columns("control", "types", "what", "severity", "remedy"), rules)
    yield f"## {say('judged.waivers')}"
    accepted = [
        (cells(each.controls), cells(each.stacks), cells(each.addresses), text(each.reason), text(each.expires))
        for each in waivers.read()
    ]
    yield table(say.columns("control", "stacks", "addresses", "reason", "expires"), accepted)
