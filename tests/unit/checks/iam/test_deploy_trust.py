"""Whose workflows deploy to which environment, on environments written here: as STS answers, as the proof does."""

import functools
from typing import Any, Final

import pytest

from tests.guarded import Edit, mutated, synthesis
from tests.policies import may_assume
from tests.unit.checks.faults.iam_edits import GITHUB, Statement, policy, trust
from tests.unit.spec.builders import build
from wealist.checks.finding import Synthesis
from wealist.checks.iam import prove
from wealist.checks.iam.documents import Policy, read
from wealist.checks.iam.trust_table import ANY_WORKFLOW, Row, rows_of

pytestmark = pytest.mark.exhaustive

ROLE: Final = "pipeline_identity_github_actions_role"
REF: Final = f"{GITHUB}:ref"
EVERYBODY: Final = (("every_workflow_of_the_organisation", True),)
Chosen = tuple[tuple[str, Any], ...]
"""A `github_deploy`, as something that can be a key."""


@functools.cache
def pair(stage: Chosen = (), qa: Chosen = ()) -> Synthesis:
    """Two environments beside each other, whatever the rules say of it."""
    other = {"network": {"cidr": "10.7.0.0/16"}, "site": {"domain": "qa.wealist.co.kr"}}
    return synthesis(
        build(github_deploy=dict(stage)),
        build(name="qa", api={"domain": "api.qa.wealist.co.kr"}, github_deploy=dict(qa), **other),
    )


def role(stack: str, both: Synthesis) -> Policy:
    name = f"wealist-{stack}-github-actions-role"
    (found,) = (each for each in read(both.stacks[stack]).policies if each.kind == "trust" and name in each.holders)
    return found


def takes(both: Synthesis, ref: str, environment: str = "", repository: str = "user-service") -> set[str]:
    """The environments whose role a workflow may take."""
    claims = {
        "aud": "sts.amazonaws.com",
        "sub": f"repo:OrangesCloud/{repository}:" + (f"environment:{environment}" if environment else f"ref:{ref}"),
        "ref": ref,
        "repository": f"OrangesCloud/{repository}",
    } | ({"environment": environment} if environment else {})
    return {stack for stack in both.environments if may_assume(role(stack, both), claims)}


def found(both: Synthesis, stack: str, edit: Edit) -> dict[str, str]:
    """Control → what it says, of a fault in one of two environments."""
    return {each.control: each.problem for each in prove(mutated(both, stack, edit))}


def test_by_default_each_branch_deploys_to_its_own_environment() -> None:
    both = pair()
    assert takes(both, "refs/heads/deploy-stage") == {"stage"}
    assert takes(both, "refs/heads/deploy-qa", environment="stage") == {"qa"}
    for ref in ("refs/heads/main", "refs/tags/deploy-stage", "refs/pull/1/merge", "refs/heads/deploy-stage-2"):
        assert takes(both, ref) == set()
    assert list(prove(both)) == []


def test_a_github_environment_binds_its_jobs_from_whatever_branch() -> None:
    both = pair(stage=(("environment", "stage"),), qa=(("environment", "qa"),))
    assert takes(both, "refs/heads/main", environment="stage") == {"stage"}
    assert takes(both, "refs/tags/v1", environment="qa") == {"qa"}
    assert takes(both, "refs/heads/deploy-stage") == set()
    assert list(prove(both)) == []


def test_a_branch_and_a_github_environment_bind_together() -> None:
    both = pair(stage=(("branch", "main"), ("environment", "stage")))
    assert takes(both, "refs/heads/main", environment="stage") == {"stage"}
    assert takes(both, "refs/heads/main") == set()
    assert takes(both, "refs/heads/deploy-qa", environment="stage") == {"qa"}
    assert list(prove(both)) == []


def test_named_repositories_are_the_only_ones_that_deploy() -> None:
    both = pair(stage=(("repositories", ("user-service",)),))
    assert takes(both, "refs/heads/deploy-stage") == {"stage"}
    assert takes(both, "refs/heads/deploy-stage", repository="board-service") == set()
    assert list(prove(both)) == []


def test_the_documents_own_trust_is_proven_where_it_is_asked_for() -> None:
    both = pair(stage=EVERYBODY)
    assert takes(both, "refs/heads/whatever") == {"stage"}
    assert takes(both, "refs/pull/1/merge") == {"stage"}
    assert takes(both, "refs/heads/deploy-qa") == {"stage", "qa"}
    assert list(prove(both)) == []


@pytest.mark.parametrize(
    ("stage", "qa"),
    [
        ((("branch", "main"),), (("branch", "main"),)),
        ((("environment", "live"),), (("environment", "live"),)),
        ((), (("environment", "qa"),)),
        (
            (("branch", "main"), ("repositories", ("a", "b"))),
            (("branch", "main"), ("repositories", ("b", "c"))),
        ),
    ],
    ids=["one branch", "one GitHub environment", "a branch and a GitHub environment", "one repository of several"],
)
def test_two_environments_that_one_workflow_may_take_are_found(stage: Chosen, qa: Chosen) -> None:
    (finding,) = prove(pair(stage, qa))
    assert (finding.stack, finding.control) == ("stage", "iam.shared-trust")
    assert "wealist-stage-github-actions-role" in finding.problem
    assert "wealist-qa-github-actions-role of qa" in finding.problem


def test_repositories_tell_workflows_of_one_branch_apart() -> None:
    both = pair((("branch", "main"), ("repositories", ("a",))), (("branch", "main"), ("repositories", ("b",))))
    assert list(prove(both)) == []


def asks(operator: str, value: object) -> Edit:
    """The branch asked for in another way."""

    def edit(statement: Statement) -> None:
        del statement["Condition"]["StringEquals"][REF]
        statement["Condition"].setdefault(operator, {})[REF] = value

    return trust(ROLE, edit)


def also(operator: str, value: object) -> Edit:
    """A second statement, for a branch that is asked for in another way."""

    def edit(statements: list[Statement]) -> None:
        conditions = statements[0]["Condition"]
        exact = {key: each for key, each in conditions["StringEquals"].items() if key != REF}
        block = {"StringEquals": exact, "StringLike": dict(conditions["StringLike"])}
        block[operator] = block[operator] | {REF: value}
        statements.append(statements[0] | {"Sid": "Mistake", "Condition": block})

    return policy(("aws_iam_role", ROLE), edit, "assume_role_policy")


@pytest.mark.parametrize(
    "edit",
    [
        asks("StringEquals", "refs/heads/deploy-qa"),
        asks("StringEquals", ["refs/heads/deploy-stage", "refs/heads/deploy-qa"]),
        asks("StringLike", "refs/heads/deploy-*"),
        asks("StringLike", "refs/heads/deploy-q?"),
        trust(ROLE, lambda each: each["Condition"]["StringEquals"].pop(REF)),
        also("StringEquals", "refs/heads/deploy-qa"),
        also("StringLike", "*"),
    ],
    ids=["theirs", "theirs as well", "a pattern", "one character", "none", "a second statement", "a second of any"],
)
def test_a_trust_that_reaches_into_another_environments_is_found(edit: Edit) -> None:
    problems = found(pair(), "stage", edit)
    assert problems.keys() == {"iam.trust", "iam.shared-trust"}
    assert "refs/heads/deploy-stage" in problems["iam.trust"]


def test_a_trust_that_is_not_the_settings_is_found_though_nobody_shares_it() -> None:
    problems = found(pair(), "stage", asks("StringEquals", "refs/heads/another"))
    assert problems.keys() == {"iam.trust"}
    assert "trusts the ref refs/heads/another, and github_deploy of stage says refs/heads/deploy-stage" in str(problems)


def test_a_github_environment_that_is_misspelt_is_found() -> None:
    def edit(statement: Statement) -> None:
        statement["Condition"]["StringEquals"][f"{GITHUB}:environment"] = "stag"

    both = pair(stage=(("environment", "stage"),), qa=(("environment", "qa"),))
    assert "the environment stag" in found(both, "stage", trust(ROLE, edit))["iam.trust"]


def test_a_repository_that_is_left_out_is_found() -> None:
    both = pair(stage=(("repositories", ("user-service",)),))
    edit = trust(ROLE, lambda each: each["Condition"]["StringEquals"].pop(f"{GITHUB}:repository"))
    assert "trusts any repository" in found(both, "stage", edit)["iam.trust"]


def table(both: Synthesis, stack: str) -> dict[str, Row]:
    return {row.role: row for row in rows_of(both, stack)}


def test_the_table_says_whom_each_role_trusts_and_what_it_is_held_to() -> None:
    rows = table(pair(), "stage")
    assert rows["wealist-stage-ec2-role"] == Row("wealist-stage-ec2-role", ("ec2.amazonaws.com",), (), ())
    deploy = rows["wealist-stage-github-actions-role"]
    assert "repo:OrangesCloud/*" in deploy.trusts
    assert deploy.held_to == ("ref refs/heads/deploy-stage",)
    assert deploy.shared_with == ()


def test_the_table_says_where_nothing_is_asked_and_who_shares_it() -> None:
    both = pair(stage=EVERYBODY)
    assert table(both, "stage")["wealist-stage-github-actions-role"].held_to == (ANY_WORKFLOW,)
    for stack, other in (("stage", "qa"), ("qa", "stage")):
        shared = table(both, stack)[f"wealist-{stack}-github-actions-role"].shared_with
        assert shared == (f"wealist-{other}-github-actions-role",)


def test_the_table_of_the_account_holds_the_pipelines_roles() -> None:
    rows = table(pair(), "account")
    assert "repository OrangesCloud/wealist-infrastructure" in rows["wealist-terraform-plan-role"].held_to
    assert "ref refs/heads/main" in rows["wealist-terraform-apply-role"].held_to
