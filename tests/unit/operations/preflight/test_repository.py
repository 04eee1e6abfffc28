"""The repository is set as the pipeline's gate needs it; a GitHub on loopback answers in the documented shapes."""

import copy
import functools
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.github_server import REPOSITORY, GitHubServer
from tests.unit.operations.pipeline.test_runs import HEAD, pull
from tests.unit.operations.pipeline.test_runs import run as run_of
from tests.unit.operations.preflight.conftest import rows, subject
from wealist.operations.pipeline.github import GitHub
from wealist.operations.preflight.check import Check, Outcome, Row, run
from wealist.operations.preflight.repository import GATE_CHECK, repository
from wealist.project import ROOT

WORKFLOWS = sorted(f".github/workflows/{file.name}" for file in (ROOT / ".github" / "workflows").glob("*.yml"))
CREDENTIALS = "aws-actions/configure-aws-credentials"
"""The only action of others that the workflows use."""
BRANCH = "branch main"
PROTECTION, RULES = "branches/main/protection", "rules/branches/main"
SELECTED = "actions/permissions/selected-actions"
SUBJECT = "actions/oidc/customization/sub"
RUNS = "actions/workflows/pull-request.yml/runs"


def github_environment(name: str) -> dict[str, Any]:
    """https://docs.github.com/en/rest/deployments/environments#list-environments"""
    return {
        "id": 1,
        "name": name,
        "protection_rules": [
            {"id": 1, "type": "wait_timer", "wait_timer": 30},
            {
                "id": 2,
                "type": "required_reviewers",
                "prevent_self_review": True,
                "reviewers": [{"type": "Team", "reviewer": {"id": 1, "slug": "operators"}}],
            },
            {"id": 3, "type": "branch_policy"},
        ],
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
    }


def policies(*names: str, kind: str = "branch") -> dict[str, Any]:
    return {"total_count": len(names), "branch_policies": [{"id": 1, "name": each, "type": kind} for each in names]}


RIGHT: dict[str, Any] = {
    "": {"id": 1, "full_name": REPOSITORY, "private": False, "visibility": "public"},
    "environments": {"total_count": 2, "environments": [github_environment("account"), github_environment("dev")]},
    "environments/account/deployment-branch-policies": policies("main"),
    "environments/dev/deployment-branch-policies": policies("main"),
    RULES: [],
    # https://docs.github.com/en/rest/branches/branch-protection#get-branch-protection
    PROTECTION: {
        "required_pull_request_reviews": {"dismiss_stale_reviews": True, "required_approving_review_count": 1},
        "required_status_checks": {"strict": True, "contexts": ["Passed"], "checks": [{"context": "Passed"}]},
        "enforce_admins": {"enabled": True},
        "allow_force_pushes": {"enabled": False},
    },
    "actions/permissions": {"enabled": True, "allowed_actions": "selected"},
    SELECTED: {"github_owned_allowed": True, "verified_allowed": False, "patterns_allowed": [f"{CREDENTIALS}@*"]},
    "actions/permissions/workflow": {
        "default_workflow_permissions": "read",
        "can_approve_pull_request_reviews": False,
    },
    SUBJECT: {"use_default": True},
    "actions/workflows": {
        "total_count": len(WORKFLOWS),
        "workflows": [{"id": 1, "name": path, "path": path, "state": "active"} for path in WORKFLOWS],
    },
    RUNS: {"total_count": 1, "workflow_runs": [run_of(7) | {"head_sha": HEAD}]},
    f"commits/{HEAD}/pulls": [pull()],
}


Looked = Callable[..., dict[str, Row]]
"""The rows of the repository, or those whose name has a word, as the hub holds it by then."""


@pytest.fixture
def looked(hub: GitHubServer) -> Looked:
    hub.holds(RIGHT)
    checks = listed(hub)
    return lambda word="": {check.what: run(check) for check in checks if word in check.what}


@functools.cache
def listed(hub: GitHubServer) -> list[Check]:
    """The checks of dev's repository, which is the same server in all tests."""
    return list(repository(subject(github=lambda: GitHub(REPOSITORY, hub.environ))))


def wrong(found: dict[str, Row]) -> dict[str, str]:
    return {what: row.found for what, row in found.items() if row.outcome == Outcome.WRONG}


def test_a_repository_that_is_set_as_the_page_says_is_right(looked: Looked) -> None:
    found = looked()
    assert {row.outcome for row in found.values()} == {Outcome.RIGHT}
    assert list(found) == [
        "plan",
        "GitHub environment account: reviewers",
        "GitHub environment account: branches",
        "GitHub environment dev: reviewers",
        "GitHub environment dev: branches",
        BRANCH,
        "GitHub Actions: allowed actions",
        "GitHub Actions: token",
        "GitHub Actions: subject of tokens",
        "GitHub Actions: workflows",
        "GitHub Actions: called workflows",
    ]


def test_nothing_is_written(looked: Looked, hub: GitHubServer) -> None:
    looked()
    assert hub.sent() == []


# --- the plan --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visibility", "plan", "outcome"),
    [
        ("private", "enterprise", Outcome.RIGHT),
        ("internal", "enterprise", Outcome.RIGHT),
        ("private", "team", Outcome.WRONG),
        ("private", "free", Outcome.WRONG),
        ("private", None, Outcome.DENIED),
    ],
)
def test_required_reviewers_need_a_public_repository_or_an_enterprise(
    looked: Looked, hub: GitHubServer, visibility: str, plan: str | None, outcome: Outcome
) -> None:
    organisation = {"login": "OrangesCloud"} | ({"plan": {"name": plan, "seats": 5}} if plan else {})
    hub.holds({"": {"visibility": visibility}, "/orgs/OrangesCloud": organisation})
    assert looked("plan")["plan"].outcome == outcome


# --- environments ----------------------------------------------------------------------------------------------------


def with_environment(hub: GitHubServer, **changes: Any) -> None:
    changed = github_environment("dev") | changes
    hub.holds({"environments": {"environments": [github_environment("account"), changed]}})


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ([], "nobody"),
        ([{"type": "branch_policy"}], "nobody"),
        ([{"type": "required_reviewers", "prevent_self_review": True, "reviewers": []}], "nobody"),
        (
            [{"type": "required_reviewers", "prevent_self_review": False, "reviewers": [{"type": "User"}]}],
            "required, and whoever started it may approve it",
        ),
    ],
)
def test_an_environment_without_a_second_person_is_wrong(
    looked: Looked, hub: GitHubServer, rules: list[dict[str, Any]], found: str
) -> None:
    with_environment(hub, protection_rules=rules)
    assert wrong(looked("dev")) == {"GitHub environment dev: reviewers": found}


@pytest.mark.parametrize(
    ("policy", "allowed", "found"),
    [
        (None, policies("main"), "any branch"),
        ({"protected_branches": True, "custom_branch_policies": False}, policies(), "every protected branch"),
        ({"protected_branches": False, "custom_branch_policies": True}, policies(), "none"),
        ({"protected_branches": False, "custom_branch_policies": True}, policies("*"), "branch *"),
        (
            {"protected_branches": False, "custom_branch_policies": True},
            policies("main", "hotfix/*"),
            "branch hotfix/*, branch main",
        ),
        ({"protected_branches": False, "custom_branch_policies": True}, policies("main", kind="tag"), "tag main"),
    ],
)
def test_an_environment_that_another_branch_may_deploy_to_is_wrong(
    looked: Looked, hub: GitHubServer, policy: Any, allowed: Any, found: str
) -> None:
    with_environment(hub, deployment_branch_policy=policy)
    hub.holds({"environments/dev/deployment-branch-policies": allowed})
    assert wrong(looked("dev")) == {"GitHub environment dev: branches": found}


def test_an_environment_that_is_not_there_is_wrong(looked: Looked, hub: GitHubServer) -> None:
    hub.holds({"environments": {"environments": [github_environment("account")]}})
    assert set(wrong(looked()).values()) == {"there is no such environment"}


# --- the branch ------------------------------------------------------------------------------------------------------


def unprotected(hub: GitHubServer) -> None:
    hub.refuses(PROTECTION, 404, "Branch not protected")


RULESET: list[dict[str, Any]] = [
    {
        "type": "pull_request",
        "ruleset_id": 7,
        "parameters": {"required_approving_review_count": 1, "dismiss_stale_reviews_on_push": True},
    },
    {
        "type": "required_status_checks",
        "ruleset_id": 7,
        "parameters": {
            "strict_required_status_checks_policy": True,
            "required_status_checks": [{"context": "Passed", "integration_id": 15368}],
        },
    },
    {"type": "non_fast_forward", "ruleset_id": 7},
]
"""https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch"""


def test_a_branch_that_nothing_protects_lacks_all_of_it(looked: Looked, hub: GitHubServer) -> None:
    unprotected(hub)
    assert wrong(looked(BRANCH)) == {
        BRANCH: "lacks a review, dismissed approvals, the check Passed, branches up to date, no force pushes"
    }


def test_a_ruleset_protects_as_well(looked: Looked, hub: GitHubServer) -> None:
    unprotected(hub)
    hub.holds({RULES: RULESET, "rulesets/7": {"id": 7, "bypass_actors": []}})
    assert wrong(looked(BRANCH)) == {}
    hub.holds(
        {"rulesets/7": {"id": 7, "bypass_actors": [{"actor_type": "OrganizationAdmin", "bypass_mode": "always"}]}}
    )
    assert wrong(looked(BRANCH)) == {BRANCH: "lacks nobody exempt"}


@pytest.mark.parametrize(
    ("path", "value", "lacking"),
    [
        ("required_pull_request_reviews.required_approving_review_count", 0, "a review"),
        ("required_pull_request_reviews.dismiss_stale_reviews", False, "dismissed approvals"),
        ("required_status_checks.contexts", ["other"], "the check Passed"),
        ("required_status_checks.strict", False, "branches up to date"),
        ("allow_force_pushes.enabled", True, "no force pushes"),
        ("enforce_admins.enabled", False, "nobody exempt"),
    ],
)
def test_each_part_of_the_protection_that_is_missing_is_named(
    looked: Looked, hub: GitHubServer, path: str, value: object, lacking: str
) -> None:
    protection = copy.deepcopy(RIGHT[PROTECTION])
    part, _, name = path.partition(".")
    protection[part][name] = value
    hub.holds({PROTECTION: protection})
    assert wrong(looked(BRANCH)) == {BRANCH: f"lacks {lacking}"}


def test_the_check_that_is_asked_for_is_one_that_the_workflow_reports() -> None:
    text = (ROOT / ".github" / "workflows" / "pull-request.yml").read_text(encoding="utf-8")
    assert re.search(rf"^    name: {GATE_CHECK}$", text, re.MULTILINE)


# --- Actions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "answer", "what", "found"),
    [
        ("actions/permissions", {"enabled": False}, "allowed actions", "Actions are switched off"),
        ("actions/permissions", {"enabled": True, "allowed_actions": "all"}, "allowed actions", "all actions"),
        (
            SELECTED,
            {"github_owned_allowed": True, "verified_allowed": True, "patterns_allowed": [f"{CREDENTIALS}@*", "x/y@*"]},
            "allowed actions",
            "more: x/y, those of verified creators",
        ),
        (
            SELECTED,
            {"github_owned_allowed": True, "verified_allowed": False, "patterns_allowed": []},
            "allowed actions",
            f"not allowed: {CREDENTIALS}",
        ),
        (
            SELECTED,
            {"github_owned_allowed": False, "verified_allowed": False, "patterns_allowed": [f"{CREDENTIALS}@v6"]},
            "allowed actions",
            "not allowed: GitHub's own",
        ),
        (
            "actions/permissions/workflow",
            {"default_workflow_permissions": "write", "can_approve_pull_request_reviews": True},
            "token",
            "may write and approve pull requests",
        ),
        (
            SUBJECT,
            {"use_default": False, "include_claim_keys": ["repo", "context"]},
            "subject of tokens",
            "customised: repo, context",
        ),
        (
            "actions/workflows",
            {"workflows": [{"path": path, "state": "active"} for path in WORKFLOWS[1:]]},
            "workflows",
            f"not active: {WORKFLOWS[0]}",
        ),
        (
            "actions/workflows",
            {"workflows": [{"path": path, "state": "disabled_manually"} for path in WORKFLOWS]},
            "workflows",
            f"not active: {', '.join(WORKFLOWS)}",
        ),
    ],
)
def test_actions_that_are_set_otherwise_are_wrong(
    looked: Looked, hub: GitHubServer, path: str, answer: Any, what: str, found: str
) -> None:
    hub.holds({path: answer})
    assert wrong(looked(what)) == {f"GitHub Actions: {what}": found}


@pytest.mark.parametrize(
    ("prefix", "outcome"),
    [
        ("repo:OrangesCloud/wealist-infrastructure", Outcome.RIGHT),
        ("repo:OrangesCloud@121528376/wealist-infrastructure@1346315965", Outcome.RIGHT),
        ("repo:orangescloud/wealist-infrastructure", Outcome.WRONG),
        ("repo:OrangesCloud/wealist", Outcome.WRONG),
        ("repository_id:1346315965", Outcome.WRONG),
    ],
)
def test_tokens_have_a_subject_that_the_roles_trust(
    looked: Looked, hub: GitHubServer, prefix: str, outcome: Outcome
) -> None:
    hub.holds({SUBJECT: {"use_default": True, "use_immutable_subject": False, "sub_claim_prefix": prefix}})
    assert looked("subject")["GitHub Actions: subject of tokens"].outcome == outcome


# --- whoever may not look, and a GitHub that does not answer ---------------------------------------------------------

PATHS = [
    "",
    "environments",
    RULES,
    PROTECTION,
    "actions/permissions",
    "actions/permissions/workflow",
    SUBJECT,
    "actions/workflows",
    RUNS,
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path or "repository")
def test_a_refused_request_denies_only_the_checks_that_need_it(looked: Looked, hub: GitHubServer, path: str) -> None:
    hub.refuses(path, 404, "as GitHub says it")
    found = looked()
    assert {row.outcome for row in found.values()} == {Outcome.RIGHT, Outcome.DENIED}
    assert all("as GitHub says it" in row.found for row in found.values() if row.outcome == Outcome.DENIED)


def test_a_token_that_github_does_not_know_sees_nothing(hub: GitHubServer) -> None:
    environ = hub.environ | {"GH_TOKEN": "another"}
    found = rows(repository, subject(github=lambda: GitHub(REPOSITORY, environ)))
    assert {row.outcome for row in found} == {Outcome.DENIED}
    assert {row.found.partition(": ")[2] for row in found} == {"401 Bad credentials"}


def test_without_a_token_everything_is_listed_as_not_looked_at() -> None:
    found = rows(repository, subject(github=lambda: GitHub(REPOSITORY, {})))
    assert {row.outcome for row in found} == {Outcome.DENIED}
    assert {row.remedy.partition(";")[0] for row in found} == {"export GH_TOKEN=$(gh auth token)"}
