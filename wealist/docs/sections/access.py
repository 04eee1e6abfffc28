"""Section 8, security groups, and section 9, IAM roles and the reasons for their permissions."""

from collections.abc import Iterator

from wealist.checks import iam, reachability
from wealist.checks.finding import Synthesis
from wealist.checks.iam.documents import Policy, read_documents
from wealist.docs.markdown import NONE, cells, code, table, text
from wealist.docs.messages import Messages
from wealist.docs.view import View, name_of
from wealist.model.iam.policy import Statement
from wealist.model.stack import Resource


def security_groups(view: View) -> Iterator[str]:
    """Yield section 8: security groups, proven connections and claims."""
    say = view.say
    yield view.picture("security_groups")
    yield table(
        say.columns("group", "accepts", "opens"), [_group(view, each) for each in view.all("aws_security_group")]
    )
    yield f"### {say('access.matrix')}"
    yield say("access.matrix_intro")
    allowed = reachability.matrix(view.synthesis, view.environment.name).rows()
    rows = [(text(source), code(ports), text(to)) for ports, source, to in allowed]
    yield table(say.columns("from", "port", "to"), rows)
    yield f"### {say('access.claims')}"
    findings = [*reachability.prove(view.synthesis)]
    claims = reachability.claims_table(view.environment.name, findings).rows
    rows = [
        (say(f"word.{outcome}"), say.translate("claim", claim), text(problem) or NONE)
        for outcome, claim, problem in claims
    ]
    yield table(say.columns("outcome", "claim", "problem"), rows)


def _group(view: View, group: Resource) -> tuple[str, str, str]:
    accepts = [
        _rule(view, each) for each in view.all("aws_vpc_security_group_ingress_rule") if _is_of(view, each, group)
    ]
    opens = [_rule(view, each) for each in view.all("aws_vpc_security_group_egress_rule") if _is_of(view, each, group)]
    return code(name_of(group)), "<br>".join(accepts) or NONE, "<br>".join(opens) or NONE


def _is_of(view: View, rule: Resource, group: Resource) -> bool:
    return view.target(rule.get("security_group_id")) == group


def _rule(view: View, rule: Resource) -> str:
    first, last = rule.get("from_port"), rule.get("to_port")
    ports = first if first == last else f"{first}-{last}"
    peer = rule.get("referenced_security_group_id") or rule.get("cidr_ipv4") or rule.get("cidr_ipv6")
    target = view.target(peer)
    block = target.get("cidr_block") if target else None
    other = code(block) if block else view.named(peer or rule.get("prefix_list_id"))
    arrow = "←" if rule.type == "aws_vpc_security_group_ingress_rule" else "→"
    return f"{code(ports)} {arrow} {other}: {text(rule.get('description') or '')}"


def roles(view: View) -> Iterator[str]:
    """Yield section 9: roles and their permissions."""
    yield view.picture("roles")
    yield from roles_of(view.synthesis, view.environment.name, view.say)


def roles_of(synthesis: Synthesis, stack: str, say: Messages) -> Iterator[str]:
    """Yield the roles of a stack: their principals, and their permissions with the reason for each."""
    yield say("access.roles_intro")
    trusts = iam.trust_rows(synthesis)[stack]
    yield table(say.columns("role", "trusts", "held_to"), [tuple(map(code, each[:3])) for each in trusts])
    documents = read_documents(synthesis.stacks[stack])
    policies = sorted(documents.of_kind("identity"), key=lambda each: (each.roles, each.name, each.address))
    for role in sorted(documents.roles, key=lambda each: each.name):
        own = [each for each in policies if role.name in each.roles]
        yield f"### {code(role.name)}"
        yield say("access.boundary", arn=code(role.boundary)) if role.boundary else say("access.no_boundary")
        yield table(say.columns("policy", "effect", "actions", "resources", "why"), _rights(say, own))


def _conditions(statement: Statement) -> Iterator[str]:
    for operator, keys in statement.conditions.items():
        yield from (f"{key} {operator} {', '.join(values)}" for key, values in keys.items())


def _rights(say: Messages, policies: list[Policy]) -> Iterator[tuple[str, ...]]:
    for policy in policies:
        for statement in policy.statements:
            condition = "".join(f"<br>{say('access.if')} {code(each)}" for each in _conditions(statement))
            why = f"{text(statement.sid)}: {say.translate('right', policy.why(statement))}"
            effect = say(f"word.{statement.effect.lower()}")
            name = code(policy.name if policy.resource.get("name") else policy.address)
            yield name, effect, cells(statement.actions), cells(statement.resources) + condition, why
