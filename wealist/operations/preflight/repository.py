"""What the repository on GitHub must be set to, for the pipeline's gate to exist.

    docs/pipeline.md, Settings on GitHub ─► plan, environments, branch, Actions, OIDC subject, workflows

Asked by GitHub's REST API, with a token that may read the repository's administration. GitHub answers 404 where a token
may not know that something exists.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from wealist.checks.iam import documents
from wealist.checks.iam.pipeline_roles import APPLY_ROLE, plan_role
from wealist.model.iam.evaluate import condition_values, matches_pattern
from wealist.operations.emulated_stacks import ACCOUNT
from wealist.operations.pipeline.github import GitHub, GitHubError
from wealist.operations.pipeline.protection import BRANCHES, REVIEWERS, branches, environment, reviewers
from wealist.operations.preflight import called
from wealist.operations.preflight.check import Answer, Check, Subject, right, wrong
from wealist.project import ROOT
from wealist.spec.account import GITHUB_ORGANISATION, MAIN_BRANCH, OIDC_HOST

GATE_CHECK: Final = "Passed"
"""The check that pull-request.yml reports when all of its jobs have passed."""
_USES: Final = re.compile(r"uses: ([\w-]+/[\w-]+)@")
_OWN: Final = ("actions/", "github/")
"""The organisations whose actions are GitHub's own."""
_WORKFLOWS: Final = ".github/workflows"
_ENVIRONMENT: Final = ":environment:"
_ABSENT: Final = 404
_UNPROTECTED: Final = "Branch not protected"
_GUIDE: Final = "docs/pipeline.md, Settings on GitHub"
Look = Callable[[GitHub], Answer]


def repository(subject: Subject) -> Iterator[Check]:
    """Each setting of the repository."""
    trusted = _trusted(subject)
    yield from _checks(subject, "", [("plan", "public, or of an enterprise", _plan)])
    for name in sorted(_environments(trusted) & {ACCOUNT, subject.environment.name}):
        yield from _checks(
            subject,
            f"GitHub environment {name}: ",
            [
                ("reviewers", REVIEWERS, partial(_protected, name, lambda _, found: reviewers(found))),
                ("branches", BRANCHES, partial(_protected, name, branches)),
            ],
        )
    yield from _checks(
        subject,
        "",
        [
            (f"branch {MAIN_BRANCH}", "reviews, the check, no force pushes", _branch),
            ("GitHub Actions: allowed actions", f"GitHub's own, {', '.join(sorted(_used()))}", _actions),
            ("GitHub Actions: token", "reads only", _token),
            ("GitHub Actions: subject of tokens", "as the roles trust it", partial(_subject, trusted)),
            ("GitHub Actions: workflows", "all there and active", _workflows),
        ],
    )
    yield Check(
        "GitHub Actions: called workflows", called.EXPECTED, called.REMEDY, partial(_asking, subject, called.look)
    )


def _checks(subject: Subject, prefix: str, looks: Iterable[tuple[str, str, Look]]) -> Iterator[Check]:
    for what, expected, look in looks:
        yield Check(f"{prefix}{what}", expected, f"set it as in {_GUIDE}", partial(_asking, subject, look))


def _asking(subject: Subject, look: Look) -> Answer:
    return look(subject.github())


def _trusted(subject: Subject) -> list[str]:
    """The subjects of tokens that the pipeline's roles trust, by the account stack."""
    ours = {plan_role(subject.environment.name), APPLY_ROLE}
    roles = [each for each in documents.read_documents(subject.stacks[ACCOUNT]).roles if each.name in ours]
    conditions = [statement.conditions for each in roles for statement in each.trust]
    return [pattern for each in conditions for pattern in condition_values(each, f"{OIDC_HOST}:sub")]


def _environments(trusted: Iterable[str]) -> set[str]:
    """The GitHub environments from which a role may be assumed."""
    return {each.partition(_ENVIRONMENT)[2] for each in trusted if _ENVIRONMENT in each}


def _plan(github: GitHub) -> Answer:
    """Required reviewers need a public repository, or GitHub Enterprise.

    https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
    """
    visibility = github.get("")["visibility"]
    if visibility == "public":
        return right("public")
    plan = github.of_organisation(GITHUB_ORGANISATION).get("plan", {}).get("name")
    if plan is None:
        raise GitHubError(f"the plan of {GITHUB_ORGANISATION}", 403, "only an owner of the organisation sees it")
    return Answer(plan == "enterprise", f"{visibility}, of the plan {plan}")


def _protected(name: str, judge: Callable[[GitHub, Mapping[str, Any]], tuple[bool, str]], github: GitHub) -> Answer:
    found = environment(github, name)
    return wrong("there is no such environment") if found is None else Answer(*judge(github, found))


def _branch(github: GitHub) -> Answer:
    """What protects the branch, by its protection or by rulesets, whichever asks for more."""
    rules = github.pages(f"rules/branches/{MAIN_BRANCH}")
    asked_by = {each["type"]: each.get("parameters", {}) for each in rules}
    protection = _protection(github)
    reviews = protection.get("required_pull_request_reviews", {})
    checks = protection.get("required_status_checks", {})
    ruled, by_rules = asked_by.get("pull_request", {}), asked_by.get("required_status_checks", {})
    contexts = {*checks.get("contexts", ()), *(each["context"] for each in by_rules.get("required_status_checks", ()))}
    forced = "non_fast_forward" not in asked_by and (not protection or protection["allow_force_pushes"]["enabled"])
    held = {
        "a review": max(each.get("required_approving_review_count", 0) for each in (reviews, ruled)) > 0,
        "dismissed approvals": reviews.get("dismiss_stale_reviews") or ruled.get("dismiss_stale_reviews_on_push"),
        f"the check {GATE_CHECK}": GATE_CHECK in contexts,
        "branches up to date": checks.get("strict") or by_rules.get("strict_required_status_checks_policy"),
        "no force pushes": not forced,
        "nobody exempt": not _exempt(github, protection, {each["ruleset_id"] for each in rules}),
    }
    lacking = [what for what, is_held in held.items() if not is_held]
    return wrong(f"lacks {', '.join(lacking)}") if lacking else right("protected")


def _exempt(github: GitHub, protection: Mapping[str, Any], rulesets: Iterable[int]) -> bool:
    """Whether somebody may pass by what protects the branch."""
    bypassed = any(github.get(f"rulesets/{each}").get("bypass_actors") for each in sorted(rulesets))
    return bypassed or (bool(protection) and not protection["enforce_admins"]["enabled"])


def _protection(github: GitHub) -> dict[str, Any]:
    """The branch's protection; empty where it has none."""
    try:
        found: dict[str, Any] = github.get(f"branches/{MAIN_BRANCH}/protection")
    except GitHubError as error:
        if (error.status, error.reason) == (_ABSENT, _UNPROTECTED):
            return {}
        raise
    return found


def _actions(github: GitHub) -> Answer:
    found = github.get("actions/permissions")
    if not found["enabled"]:
        return wrong("Actions are switched off")
    if found.get("allowed_actions") != "selected":
        return wrong(f"{found.get('allowed_actions')} actions")
    selected = github.get("actions/permissions/selected-actions")
    allowed = {each.partition("@")[0] for each in selected["patterns_allowed"]}
    owned = selected["github_owned_allowed"]
    lacking = [*sorted(_used() - allowed), *([] if owned else ["GitHub's own"])]
    more = [*sorted(allowed - _used()), *(["those of verified creators"] if selected["verified_allowed"] else [])]
    if lacking:
        return wrong(f"not allowed: {', '.join(lacking)}")
    return wrong(f"more: {', '.join(more)}") if more else right(f"GitHub's own, {', '.join(sorted(allowed))}")


def _used() -> set[str]:
    """The actions of others than GitHub that the workflows use."""
    texts = (file.read_text(encoding="utf-8") for file in _files())
    return {each for text in texts for each in _USES.findall(text) if not each.startswith(_OWN)}


def _token(github: GitHub) -> Answer:
    found = github.get("actions/permissions/workflow")
    may = [] if found["default_workflow_permissions"] == "read" else ["write"]
    may += ["approve pull requests"] if found["can_approve_pull_request_reviews"] else []
    return wrong(f"may {' and '.join(may)}") if may else right("reads only")


def _subject(trusted: Iterable[str], github: GitHub) -> Answer:
    """The subject of tokens begins as the roles' trust policies have it. It says so since it can hold ids.

    https://docs.github.com/en/rest/actions/oidc
    """
    found = github.get("actions/oidc/customization/sub")
    if not found["use_default"]:
        return wrong(f"customised: {', '.join(found.get('include_claim_keys', ()))}")
    prefix = found.get("sub_claim_prefix")
    if prefix is None:
        return right("GitHub's default")
    begin = {re.split(r":(?=environment:|pull_request$|ref:)", each)[0] for each in trusted}
    return Answer(any(matches_pattern(prefix, each) for each in begin), f"{prefix}:…")


def _workflows(github: GitHub) -> Answer:
    wanted = {f"{_WORKFLOWS}/{file.name}" for file in _files()}
    listed = github.get("actions/workflows", per_page=100)["workflows"]
    active = {each["path"] for each in listed if each["state"] == "active"}
    lacking = sorted(wanted - active)
    return wrong(f"not active: {', '.join(lacking)}") if lacking else right(f"{len(wanted)} active")


def _files() -> list[Path]:
    return sorted((ROOT / _WORKFLOWS).glob("*.yml"))
