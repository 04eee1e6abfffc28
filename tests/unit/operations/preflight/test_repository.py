"""The checks of the repository's settings. The answers have the documented format of GitHub's REST API."""

import copy
import functools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.github_server import REPOSITORY, GitHubServer
from tests.unit.operations.pipeline.test_runs import BASE, CALLED, HEAD, MERGE, MERGED, called, pull
from tests.unit.operations.pipeline.test_runs import run as run_of
from tests.unit.operations.preflight.conftest import rows, subject
from wealist import cli
from wealist.errors import OperatorError
from wealist.operations.pipeline.github import GitHub
from wealist.operations.preflight import command
from wealist.operations.preflight.check import Check, Outcome, Row, run
from wealist.operations.preflight.repository import GATE_CHECK, record_newest_run, repository
from wealist.project import ROOT

WORKFLOWS = sorted(f".github/workflows/{file.name}" for file in (ROOT / ".github" / "workflows").glob("*.yml"))
CREDENTIALS = "aws-actions/configure-aws-credentials"
"""The only action in the workflows that is not GitHub's own."""
BRANCH = "branch main"
PROTECTION, RULES = "branches/main/protection", "rules/branches/main"
SELECTED = "actions/permissions/selected-actions"
SUBJECT = "actions/oidc/customization/sub"
RUNS = "actions/workflows/pull-request.yml/runs"
PULLS = f"commits/{HEAD}/pulls"


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


def policies(*names: str) -> dict[str, Any]:
    return {"total_count": len(names), "branch_policies": [{"id": 1, "name": each, "type": "branch"} for each in names]}


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
    RUNS: {"total_count": 1, "workflow_runs": [run_of(7) | {"head_sha": HEAD, "event": "pull_request"}]},
    PULLS: [pull()],
}


Results = Callable[..., dict[str, Row]]
"""Return the rows of the repository, or those whose subject contains a word."""


@pytest.fixture
def results(hub: GitHubServer) -> Results:
    hub.holds(RIGHT)
    checks = cached_checks(hub)
    return lambda word="": {check.what: run(check) for check in checks if word in check.what}


@functools.cache
def cached_checks(hub: GitHubServer) -> list[Check]:
    """The checks of dev's repository, which is the same server in all tests."""
    return list(repository(subject(github=lambda: GitHub(REPOSITORY, hub.environ))))


def wrong(found: dict[str, Row]) -> dict[str, str]:
    return {what: row.found for what, row in found.items() if row.outcome == Outcome.WRONG}


def test_a_repository_with_the_documented_settings_is_right_and_not_changed(
    results: Results, hub: GitHubServer
) -> None:
    found = results()
    assert {row.outcome for row in found.values()} == {Outcome.RIGHT}
    assert hub.sent() == []
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
    results: Results, hub: GitHubServer, visibility: str, plan: str | None, outcome: Outcome
) -> None:
    organisation = {"login": "OrangesCloud"} | ({"plan": {"name": plan, "seats": 5}} if plan else {})
    hub.holds({"": {"visibility": visibility}, "/orgs/OrangesCloud": organisation})
    assert results("plan")["plan"].outcome == outcome


# --- environments ----------------------------------------------------------------------------------------------------


def with_environment(hub: GitHubServer, **changes: Any) -> None:
    changed = github_environment("dev") | changes
    hub.holds({"environments": {"environments": [github_environment("account"), changed]}})


def test_an_environment_without_reviewers_is_wrong(results: Results, hub: GitHubServer) -> None:
    with_environment(hub, protection_rules=[])
    assert wrong(results("dev")) == {"GitHub environment dev: reviewers": "none"}


def test_an_environment_open_to_other_branches_is_wrong(results: Results, hub: GitHubServer) -> None:
    hub.holds({"environments/dev/deployment-branch-policies": policies("main", "hotfix/*")})
    assert wrong(results("dev")) == {"GitHub environment dev: branches": "branch hotfix/*, branch main"}


def test_a_missing_environment_is_wrong(results: Results, hub: GitHubServer) -> None:
    hub.holds({"environments": {"environments": [github_environment("account")]}})
    assert set(wrong(results()).values()) == {"the environment is missing"}


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


def test_an_unprotected_branch_lacks_every_setting(results: Results, hub: GitHubServer) -> None:
    unprotected(hub)
    assert wrong(results(BRANCH)) == {
        BRANCH: "lacks a required review, dismissal of stale approvals, the check Passed, up-to-date branches, "
        "protection from force pushes"
    }


def test_a_ruleset_without_bypass_actors_protects_the_branch(results: Results, hub: GitHubServer) -> None:
    unprotected(hub)
    hub.holds({RULES: RULESET, "rulesets/7": {"id": 7, "bypass_actors": []}})
    assert wrong(results(BRANCH)) == {}
    hub.holds(
        {"rulesets/7": {"id": 7, "bypass_actors": [{"actor_type": "OrganizationAdmin", "bypass_mode": "always"}]}}
    )
    assert wrong(results(BRANCH)) == {BRANCH: "lacks enforcement without exemptions"}


@pytest.mark.parametrize(
    ("path", "value", "lacking"),
    [
        ("required_pull_request_reviews.required_approving_review_count", 0, "a required review"),
        ("required_pull_request_reviews.dismiss_stale_reviews", False, "dismissal of stale approvals"),
        ("required_status_checks.contexts", ["other"], "the check Passed"),
        ("required_status_checks.strict", False, "up-to-date branches"),
        ("allow_force_pushes.enabled", True, "protection from force pushes"),
        ("enforce_admins.enabled", False, "enforcement without exemptions"),
    ],
)
def test_each_missing_setting_of_the_protection_is_named(
    results: Results, hub: GitHubServer, path: str, value: object, lacking: str
) -> None:
    protection = copy.deepcopy(RIGHT[PROTECTION])
    part, _, name = path.partition(".")
    protection[part][name] = value
    hub.holds({PROTECTION: protection})
    assert wrong(results(BRANCH)) == {BRANCH: f"lacks {lacking}"}


def test_the_workflow_reports_the_required_check() -> None:
    text = (ROOT / ".github" / "workflows" / "pull-request.yml").read_text(encoding="utf-8")
    assert re.search(rf"^    name: {GATE_CHECK}$", text, re.MULTILINE)


# --- Actions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "answer", "what", "found"),
    [
        ("actions/permissions", {"enabled": False}, "allowed actions", "Actions are disabled"),
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
def test_other_settings_of_actions_are_wrong(
    results: Results, hub: GitHubServer, path: str, answer: Any, what: str, found: str
) -> None:
    hub.holds({path: answer})
    assert wrong(results(what)) == {f"GitHub Actions: {what}": found}


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
def test_token_subjects_must_match_the_trust_policies(
    results: Results, hub: GitHubServer, prefix: str, outcome: Outcome
) -> None:
    hub.holds({SUBJECT: {"use_default": True, "use_immutable_subject": False, "sub_claim_prefix": prefix}})
    assert results("subject")["GitHub Actions: subject of tokens"].outcome == outcome


# --- missing permissions ----------------------------------------------------------------------------------------------

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


@pytest.mark.exhaustive
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path or "repository")
def test_a_refused_request_denies_only_the_checks_that_need_it(results: Results, hub: GitHubServer, path: str) -> None:
    hub.refuses(path, 404, "as GitHub says it")
    found = results()
    assert {row.outcome for row in found.values()} == {Outcome.RIGHT, Outcome.DENIED}
    assert all("as GitHub says it" in row.found for row in found.values() if row.outcome == Outcome.DENIED)


def test_with_an_invalid_token_every_check_is_denied(hub: GitHubServer) -> None:
    environ = hub.environ | {"GH_TOKEN": "another"}
    found = rows(repository, subject(github=lambda: GitHub(REPOSITORY, environ)))
    assert {row.outcome for row in found} == {Outcome.DENIED}
    assert {row.found.partition(": ")[2] for row in found} == {"401 Bad credentials"}


def test_without_a_token_every_check_is_denied() -> None:
    found = rows(repository, subject(github=lambda: GitHub(REPOSITORY, {})))
    assert {row.outcome for row in found} == {Outcome.DENIED}
    assert {row.remedy.partition(";")[0] for row in found} == {"export GH_TOKEN=$(gh auth token)"}


# --- called workflows: every answer is invented -----------------------------------------------------------------------

PLANNING = "contents/.github/workflows/plan-stacks.yml"


def holds(hub: GitHubServer, *runs: dict[str, Any], pulls: list[dict[str, Any]] | None = None) -> None:
    seen = [{"head_sha": HEAD, "event": "pull_request", "actor": {"login": "kim"}} | each for each in runs]
    hub.holds({RUNS: {"workflow_runs": seen}, PULLS: [pull()] if pulls is None else pulls})


def called_workflows(hub: GitHubServer) -> Row:
    (check,) = (each for each in cached_checks(hub) if each.what == "GitHub Actions: called workflows")
    return run(check)


def test_the_newest_runs_calls_are_shown_and_accepted(hub: GitHubServer) -> None:
    holds(hub, run_of(9), run_of(7, referenced_workflows=[]))
    row = called_workflows(hub)
    merge = "refs/pull/12/merge"
    assert (row.outcome, row.found) == (
        Outcome.RIGHT,
        f"run 9 of #12 calls path {CALLED}@{merge}, sha {MERGE}, ref {merge}",
    )


@pytest.mark.parametrize(
    ("calls", "found"),
    [
        ([called("refs/heads/main")], "ref refs/heads/main"),
        ([called(None)], "ref absent"),
        ([called(), called(file=f"{REPOSITORY}/.github/workflows/other.yml")], "other.yml@refs/pull/12/merge"),
        ([], "calls nothing"),
        (None, "calls nothing"),
    ],
)
def test_calls_that_reviewed_would_reject_are_wrong_and_shown(
    hub: GitHubServer, calls: list[dict[str, Any]] | None, found: str
) -> None:
    holds(hub, run_of(9, referenced_workflows=calls))
    row = called_workflows(hub)
    assert (row.outcome, row.remedy.partition(" ")[0]) == (Outcome.WRONG, "record")
    assert row.found.endswith(found) or found in row.found


@pytest.mark.parametrize(("merged_at", "commit"), [("2026-11-01T00:50:00Z", MERGED), (None, HEAD)])
def test_a_call_without_ref_is_judged_by_its_commit_before_and_after_the_merge(
    hub: GitHubServer, merged_at: str | None, commit: str
) -> None:
    holds(hub, run_of(9, referenced_workflows=[called(None)]), pulls=[pull(merged_at=merged_at)])
    hub.holds({f"commits/{MERGE}": {"parents": [{"sha": BASE}, {"sha": HEAD}]}})
    hub.holds({f"{PLANNING}?ref={each}": {"sha": "plan"} for each in (MERGE, commit)})
    assert called_workflows(hub).outcome == Outcome.RIGHT


@pytest.mark.parametrize("runs", [[], [run_of(9, "contributor/wealist-infrastructure")]], ids=["none", "of a fork"])
def test_before_the_first_pull_request_the_calls_are_unknown(hub: GitHubServer, runs: list[dict[str, Any]]) -> None:
    holds(hub, *runs)
    row = called_workflows(hub)
    assert row.outcome == Outcome.UNREACHABLE
    assert "there is none yet; open a pull request" in row.found


@pytest.mark.parametrize(
    "pulls",
    [[], [pull(base={"ref": "release"})], [pull(head={"sha": HEAD, "ref": "other"})]],
    ids=["none", "base", "branch"],
)
def test_a_run_without_a_known_pull_request_is_not_judged(hub: GitHubServer, pulls: list[dict[str, Any]]) -> None:
    holds(hub, run_of(9), pulls=pulls)
    row = called_workflows(hub)
    assert row.outcome == Outcome.UNREACHABLE
    assert "none to main is known for its commit" in row.found


@pytest.mark.parametrize("path", [RUNS, PULLS])
def test_without_the_right_to_read_runs_the_check_is_denied(hub: GitHubServer, path: str) -> None:
    holds(hub, run_of(9))
    hub.refuses(path)
    assert called_workflows(hub).outcome == Outcome.DENIED


def test_a_recorded_run_contains_no_names_of_people(hub: GitHubServer, tmp_path: Path) -> None:
    holds(hub, run_of(9))
    record_newest_run(GitHub(REPOSITORY, hub.environ), tmp_path / "run.json")
    text = (tmp_path / "run.json").read_text()
    recorded = json.loads(text)
    assert recorded.keys() == {"origin", "run", "pull", "accepted"}
    assert (recorded["origin"], recorded["pull"], recorded["accepted"]) == ("recorded", 12, True)
    assert recorded["run"]["referenced_workflows"] == [called()]
    assert "kim" not in text


def test_the_option_record_writes_the_newest_run(
    hub: GitHubServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    holds(hub, run_of(9))
    monkeypatch.setattr(command, "_github", lambda: GitHub(REPOSITORY, hub.environ))
    monkeypatch.setattr(command, "synthesize_into", lambda _: tmp_path)
    monkeypatch.setattr(command, "read", lambda _: None)
    monkeypatch.setattr(command, "run_checks", lambda *_: [])
    done = CliRunner().invoke(cli.app, ["preflight", "dev", "--record", str(tmp_path / "run.json")])
    assert done.exit_code == 0
    assert json.loads((tmp_path / "run.json").read_text())["run"]["id"] == 9


def test_record_and_emulated_exclude_each_other(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["preflight", "dev", "--emulated", "--record", str(tmp_path / "run.json")])
    assert isinstance(done.exception, OperatorError)
    assert done.exception.exit_code == 2
    assert not (tmp_path / "run.json").exists()
