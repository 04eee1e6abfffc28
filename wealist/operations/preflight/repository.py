"""Checks of the repository's settings on GitHub that the pipeline depends on.

    docs/pipeline.md, Settings on GitHub ─► plan, environments, branch, Actions, OIDC subject, workflows
    newest run of pull-request.yml ─► the workflows that it called, as `pipeline reviewed` judges them

Uses GitHub's REST API, with a token that may read the repository's administration. GitHub answers 404 if the token must
not learn whether something exists.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from wealist.checks.iam import documents
from wealist.checks.iam.pipeline_roles import APPLY_ROLE, plan_role
from wealist.files import write_atomically
from wealist.model.iam.evaluate import condition_values, matches_pattern
from wealist.operations.emulated_stacks import ACCOUNT
from wealist.operations.pipeline.approval import (
    BRANCHES,
    REVIEWERS,
    branch_protection,
    github_environment,
    reviewer_protection,
)
from wealist.operations.pipeline.github import GitHub, GitHubError
from wealist.operations.pipeline.runs import WORKFLOW, uses_workflows_of
from wealist.operations.preflight.check import Answer, Check, Subject, right, wrong
from wealist.project import ROOT
from wealist.spec.account import GITHUB_ORGANISATION, MAIN_BRANCH, OIDC_HOST

GATE_CHECK: Final = "Passed"
"""The check that pull-request.yml reports when all of its jobs have passed."""
_USES: Final = re.compile(r"uses: ([\w-]+/[\w-]+)@")
_GITHUB_OWNERS: Final = ("actions/", "github/")
"""The organisations of GitHub's own actions."""
_WORKFLOWS: Final = ".github/workflows"
_ENVIRONMENT: Final = ":environment:"
_NOT_FOUND: Final = 404
_UNPROTECTED: Final = "Branch not protected"
_REMEDY: Final = "set it as in docs/pipeline.md, Settings on GitHub"
_CALLED_REMEDY: Final = (
    "record it (--record FILE) for the tests, and change `uses_workflows_of` in wealist/operations/pipeline/runs.py; "
    "until then, the pipeline applies nothing"
)
_RECORDED: Final = ("id", "event", "path", "head_branch", "head_sha", "created_at", "referenced_workflows")
"""The fields of a run that tests replay. None names a person."""
Look = Callable[[GitHub], Answer]


def repository(subject: Subject) -> Iterator[Check]:
    """Check each setting of the repository."""
    subjects = _trusted_subjects(subject)

    def check(what: str, expected: str, look: Look, remedy: str = _REMEDY) -> Check:
        return Check(what, expected, remedy, lambda: look(subject.github()))

    yield check("plan", "public, or of an enterprise", _plan)
    for name in sorted(_trusted_environments(subjects) & {ACCOUNT, subject.environment.name}):
        title = f"GitHub environment {name}"
        yield check(f"{title}: reviewers", REVIEWERS, partial(_reviewers, name))
        yield check(f"{title}: branches", BRANCHES, partial(_branches, name))
    yield check(f"branch {MAIN_BRANCH}", "reviews, the check, no force pushes", _branch)
    yield check("GitHub Actions: allowed actions", f"GitHub's own, {', '.join(sorted(_used_actions()))}", _actions)
    yield check("GitHub Actions: token", "reads only", _token)
    yield check("GitHub Actions: subject of tokens", "as the roles trust it", partial(_subject, subjects))
    yield check("GitHub Actions: workflows", "all there and active", _workflows)
    yield check(
        "GitHub Actions: called workflows", "a form that `pipeline reviewed` accepts", _called_workflows, _CALLED_REMEDY
    )


def _trusted_subjects(subject: Subject) -> list[str]:
    """Return the token subjects that the trust policies of the pipeline's roles accept."""
    names = {plan_role(subject.environment.name), APPLY_ROLE}
    roles = [each for each in documents.read_documents(subject.stacks[ACCOUNT]).roles if each.name in names]
    conditions = [statement.conditions for each in roles for statement in each.trust]
    return [pattern for each in conditions for pattern in condition_values(each, f"{OIDC_HOST}:sub")]


def _trusted_environments(subjects: Iterable[str]) -> set[str]:
    """Return the GitHub environments from which a role may be assumed."""
    return {each.partition(_ENVIRONMENT)[2] for each in subjects if _ENVIRONMENT in each}


def _plan(github: GitHub) -> Answer:
    """Check the GitHub plan: required reviewers need a public repository, or GitHub Enterprise.

    https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
    """
    visibility = github.get("")["visibility"]
    if visibility == "public":
        return right("public")
    plan = github.organisation(GITHUB_ORGANISATION).get("plan", {}).get("name")
    if plan is None:
        raise GitHubError(f"the plan of {GITHUB_ORGANISATION}", 403, "only owners of the organisation can see it")
    return Answer(plan == "enterprise", f"{visibility}, of the plan {plan}")


def _reviewers(name: str, github: GitHub) -> Answer:
    environment = github_environment(github, name)
    return Answer(*reviewer_protection(environment)) if environment else wrong("the environment is missing")


def _branches(name: str, github: GitHub) -> Answer:
    environment = github_environment(github, name)
    return Answer(*branch_protection(github, environment)) if environment else wrong("the environment is missing")


def _branch(github: GitHub) -> Answer:
    """Check the protection of the main branch: classic protection or rulesets, whichever is stricter."""
    rules = github.pages(f"rules/branches/{MAIN_BRANCH}")
    ruled = {each["type"]: each.get("parameters", {}) for each in rules}
    protection = _classic_protection(github)
    reviews = protection.get("required_pull_request_reviews", {}), ruled.get("pull_request", {})
    checks = protection.get("required_status_checks", {}), ruled.get("required_status_checks", {})
    contexts = {
        *checks[0].get("contexts", ()),
        *(each["context"] for each in checks[1].get("required_status_checks", ())),
    }
    required = {
        "a required review": any(each.get("required_approving_review_count", 0) > 0 for each in reviews),
        "dismissal of stale approvals": reviews[0].get("dismiss_stale_reviews")
        or reviews[1].get("dismiss_stale_reviews_on_push"),
        f"the check {GATE_CHECK}": GATE_CHECK in contexts,
        "up-to-date branches": checks[0].get("strict") or checks[1].get("strict_required_status_checks_policy"),
        "protection from force pushes": "non_fast_forward" in ruled
        or (bool(protection) and not protection["allow_force_pushes"]["enabled"]),
        "enforcement without exemptions": not _has_exemptions(
            github, protection, {each["ruleset_id"] for each in rules}
        ),
    }
    missing = [what for what, is_set in required.items() if not is_set]
    return wrong(f"lacks {', '.join(missing)}") if missing else right("protected")


def _has_exemptions(github: GitHub, protection: Mapping[str, Any], rulesets: Iterable[int]) -> bool:
    """Return whether somebody may bypass the protection of the branch."""
    bypassed = any(github.get(f"rulesets/{each}").get("bypass_actors") for each in sorted(rulesets))
    return bypassed or (bool(protection) and not protection["enforce_admins"]["enabled"])


def _classic_protection(github: GitHub) -> dict[str, Any]:
    """Return the branch's classic protection; empty if it has none."""
    try:
        protection: dict[str, Any] = github.get(f"branches/{MAIN_BRANCH}/protection")
    except GitHubError as error:
        if (error.status, error.reason) == (_NOT_FOUND, _UNPROTECTED):
            return {}
        raise
    return protection


def _actions(github: GitHub) -> Answer:
    permissions = github.get("actions/permissions")
    if not permissions["enabled"]:
        return wrong("Actions are disabled")
    if permissions.get("allowed_actions") != "selected":
        return wrong(f"{permissions.get('allowed_actions')} actions")
    selected = github.get("actions/permissions/selected-actions")
    allowed, used = {each.partition("@")[0] for each in selected["patterns_allowed"]}, _used_actions()
    missing = [*sorted(used - allowed), *([] if selected["github_owned_allowed"] else ["GitHub's own"])]
    more = [*sorted(allowed - used), *(["those of verified creators"] if selected["verified_allowed"] else [])]
    if missing:
        return wrong(f"not allowed: {', '.join(missing)}")
    return wrong(f"more: {', '.join(more)}") if more else right(f"GitHub's own, {', '.join(sorted(allowed))}")


def _used_actions() -> set[str]:
    """Return the actions of other organisations than GitHub that the workflows use."""
    texts = (file.read_text(encoding="utf-8") for file in _workflow_files())
    return {each for text in texts for each in _USES.findall(text) if not each.startswith(_GITHUB_OWNERS)}


def _token(github: GitHub) -> Answer:
    permissions = github.get("actions/permissions/workflow")
    may = [] if permissions["default_workflow_permissions"] == "read" else ["write"]
    may += ["approve pull requests"] if permissions["can_approve_pull_request_reviews"] else []
    return wrong(f"may {' and '.join(may)}") if may else right("reads only")


def _subject(subjects: Iterable[str], github: GitHub) -> Answer:
    """Check that the subject of tokens begins as the trust policies have it. It can contain numeric ids.

    https://docs.github.com/en/rest/actions/oidc
    """
    customization = github.get("actions/oidc/customization/sub")
    if not customization["use_default"]:
        return wrong(f"customised: {', '.join(customization.get('include_claim_keys', ()))}")
    prefix = customization.get("sub_claim_prefix")
    if prefix is None:
        return right("GitHub's default")
    trusted = {re.split(r":(?=environment:|pull_request$|ref:)", each)[0] for each in subjects}
    return Answer(any(matches_pattern(prefix, each) for each in trusted), f"{prefix}:…")


def _workflows(github: GitHub) -> Answer:
    expected = {f"{_WORKFLOWS}/{file.name}" for file in _workflow_files()}
    workflows = github.get("actions/workflows", per_page=100)["workflows"]
    missing = sorted(expected - {each["path"] for each in workflows if each["state"] == "active"})
    return wrong(f"not active: {', '.join(missing)}") if missing else right(f"{len(expected)} active")


def _workflow_files() -> list[Path]:
    return sorted((ROOT / _WORKFLOWS).glob("*.yml"))


# --- called workflows -------------------------------------------------------------------------------------------------


def newest_run(github: GitHub) -> dict[str, Any]:
    """Return the newest completed run of pull-request.yml from a branch of the repository itself.

    GitHub's schema makes the `ref` of a called workflow optional, and no documentation describes its value for a call
    within a repository.
    https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run

    Returns:
        `run`: GitHub's description; `pull`: the number of the pull request; `accepted`: whether `pipeline reviewed`
        accepts the run; `origin`: `recorded`.

    Raises:
        GitHubError: There is no such run, or GitHub does not know its pull request.
    """
    runs = github.get(f"actions/workflows/{WORKFLOW}/runs", event="pull_request", status="completed", per_page=100)
    own = [run for run in runs["workflow_runs"] if run["head_repository"]["full_name"] == github.repository]
    if not own:
        raise GitHubError(f"a run of {WORKFLOW}", 0, "there is none yet; open a pull request")
    run = own[0]
    pull = _pull_request(github, run)
    # A pull request that is still open would be merged from its branch.
    commit = pull["merge_commit_sha"] if pull["merged_at"] else pull["head"]["sha"]
    accepted = uses_workflows_of(github, run, pull, commit)
    recorded = {key: run[key] for key in _RECORDED}
    return {"origin": "recorded", "run": recorded, "pull": int(pull["number"]), "accepted": accepted}


def _pull_request(github: GitHub, run: dict[str, Any]) -> dict[str, Any]:
    pulls: list[dict[str, Any]] = github.get(f"commits/{run['head_sha']}/pulls")
    own = [each for each in pulls if (each["head"]["ref"], each["base"]["ref"]) == (run["head_branch"], MAIN_BRANCH)]
    if not own:
        raise GitHubError(f"the pull request of run {run['id']}", 0, f"none to {MAIN_BRANCH} is known for its commit")
    return max(own, key=lambda each: int(each["number"]))


def _called_workflows(github: GitHub) -> Answer:
    newest = newest_run(github)
    called = newest["run"]["referenced_workflows"] or []
    texts = [", ".join(f"{key} {each.get(key) or 'absent'}" for key in ("path", "sha", "ref")) for each in called]
    calls = "; ".join(texts) or "nothing"
    return Answer(newest["accepted"], f"run {newest['run']['id']} of #{newest['pull']} calls {calls}")


def record_newest_run(github: GitHub, file: Path) -> None:
    """Write the newest run as JSON, for tests to replay."""
    write_atomically(file, json.dumps(newest_run(github), indent=2) + "\n")
