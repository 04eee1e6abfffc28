"""A change from pull request to drift: planned, commented, merged, applied with a failure, applied again, drifted.

The workflows' own scripts run in a checkout, against the embedded AWS and a GitHub on loopback. The test does what
GitHub's runners do around them: set variables, store artifacts. GitHub's answers have the documented format; none of
them is recorded from a real repository.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from tests.github_server import REPOSITORY, GitHubServer, github_server
from tests.integration.between import Answer, Between, Forward, Request, error
from tests.unit.copies import ROOT, clean_environment, copy_project, run_python
from tests.unit.operations.pipeline.conftest import protected
from tests.unit.operations.pipeline.test_runs import HEAD, MERGED, at, called, commits, merged, run
from tests.workflows import jobs, steps
from wealist.emulator.server import EmulatedAws, Seed
from wealist.operations.aws import clients
from wealist.operations.emulated_stacks import ACCOUNT, EmulatedStacks
from wealist.operations.pipeline.plans import RECORD_FILE, REVIEW_FILE
from wealist.review.markdown import marker

pytestmark = pytest.mark.integration

ANALYZED: Final = "find_external_access: bool = True"
OLD: Final = "Site, API and certificate validation of every environment"
NEW: Final = "A comment that a pull request changes"
PLANNED, AGAIN, NIGHT, MORNING = 7, 10, 20, 21
"""Ids of runs: of the pull request, by hand after the failure, and of two nights."""
JOBS: Final = jobs()


@dataclass(frozen=True)
class Done:
    """The result of a step."""

    exit_code: int
    printed: str
    outputs: Mapping[str, Any]
    summary: str


@dataclass
class Walk:
    """A checkout, a GitHub and an AWS, on which jobs of the workflows run."""

    checkout: Path
    hub: GitHubServer
    aws: dict[str, str]
    done: dict[str, Done] = field(default_factory=dict)

    def step(self, job: str, words: str, run_id: int, **variables: str) -> Done:
        """Run the script of a job that contains some words, as a runner does."""
        (script,) = [each["run"] for each in steps(JOBS[job]) if words in each.get("run", "")]
        output, summary = self.checkout / "output", self.checkout / "summary"
        for file in (output, summary):
            file.write_text("")
        environ = {
            **self.aws,
            **self.hub.environ,
            **variables,
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": str(run_id),
            "GITHUB_SERVER_URL": "https://github.com",
            # The embedded AWS is also the proxy, and does not know the host of GitHub's artifacts.
            "NO_PROXY": f"{self.aws['NO_PROXY']},localhost",
            "no_proxy": f"{self.aws['NO_PROXY']},localhost",
        }
        ended = subprocess.run(
            ["/bin/bash", "-e", "-c", script],
            cwd=self.checkout,
            env=clean_environment(environ),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        lines = [line.partition("=") for line in output.read_text().splitlines()]
        outputs = {name: json.loads(value) for name, _, value in lines}
        return Done(ended.returncode, ended.stdout + ended.stderr, outputs, summary.read_text())

    def plan(self, stack: str, run_id: int, **variables: str) -> Done:
        """Plan a stack, and store the artifact that its job uploads."""
        done = self.step("plan-stacks/plan", "pipeline plan", run_id, STACK=stack, **variables)
        folder = self.checkout / "plan"
        left = {name: folder / name for name in (RECORD_FILE, REVIEW_FILE) if (folder / name).exists()}
        if done.exit_code == 0:
            self.hub.artifact(run_id, f"plan-{stack}", {name: file.read_text() for name, file in left.items()})
        for file in left.values():
            file.unlink()
        return done

    def apply(self, plans: list[dict[str, str]], aws: Mapping[str, str] | None = None) -> Done:
        """Apply the plan that `reviewed` returned."""
        (plan,) = plans
        variables = {name.upper(): value for name, value in plan.items()}
        return self.step("apply-stacks/apply", "pipeline apply", 9, **{**variables, **(aws or {})})

    def comment_of_the_zone(self) -> str:
        route53 = clients(self.aws)("route53")
        (zone,) = route53.list_hosted_zones()["HostedZones"]
        return str(route53.get_hosted_zone(Id=zone["Id"])["HostedZone"]["Config"]["Comment"])

    def change_by_hand(self, comment: str) -> None:
        route53 = clients(self.aws)("route53")
        (zone,) = route53.list_hosted_zones()["HostedZones"]
        route53.update_hosted_zone_comment(Id=zone["Id"], Comment=comment)


def refuses_the_comment(request: Request, _forward: Forward) -> Answer | None:
    """Refuse to change the comment of a hosted zone."""
    is_change = request.operation.startswith("POST /2013-04-01/hostedzone/") and b"Comment" in request.body
    return error(request, 403, "AccessDenied") if is_change and b"ChangeBatch" not in request.body else None


def checked_out(folder: Path, comment: str, out: str) -> Path:
    """Copy the project, as a runner has it after `make setup`, and synthesize it."""
    checkout = copy_project(folder)
    baseline = checkout / "wealist" / "spec" / "baseline.py"
    # moto has no IAM Access Analyzer, and the workflows cannot leave it out.
    baseline.write_text(baseline.read_text().replace(ANALYZED, ANALYZED.replace("True", "False")))
    (checkout / ".venv").symlink_to(ROOT / ".venv")
    describe(checkout, comment, out)
    return checkout


def describe(checkout: Path, comment: str, out: str) -> None:
    """Change the comment of the zone, accept and synthesize it."""
    stack = checkout / "wealist" / "stacks" / "account.py"
    stack.write_text(stack.read_text().replace(OLD, comment))
    for program in (["-m", "wealist", "accept"], ["main.py"]):
        done = run_python(*program, cwd=checkout, environment={"CDKTF_OUTDIR": str(checkout / out)})
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """An account that is applied as main describes it, and a checkout of a pull request that changes its zone."""
    base = tmp_path_factory.mktemp("walk")
    checkout = checked_out(base / "checkout", OLD, "base/cdktf.out")
    describe(checkout, NEW, "cdktf.out")
    with github_server(GitHubServer()) as hub, EmulatedAws(seeds={Seed.STATE_BUCKET}, log=base / "aws.log") as aws:
        EmulatedStacks(aws.environment(), stacks=checkout / "base" / "cdktf.out" / "stacks", base=base).apply(ACCOUNT)
        yield Walk(checkout, hub, dict(aws.environment()))


@pytest.fixture(scope="module")
def opened(walk: Walk) -> Walk:
    """The jobs of the pull request: changed stacks, plan, comment."""
    walk.hub.holds({"issues/12/comments": [], **merged(run(PLANNED)), **protected(ACCOUNT)})
    walk.done["changed"] = walk.step("pull-request/changed", "pipeline changed", PLANNED)
    walk.done["planned"] = walk.plan(ACCOUNT, PLANNED, GATES="destroy stateful", ACKNOWLEDGEMENTS="", LABELS="[]")
    stacks = json.dumps(walk.done["changed"].outputs["stacks"])
    walk.done["commented"] = walk.step("pull-request/comment", "pipeline comment", PLANNED, NUMBER="12", STACKS=stacks)
    return walk


def reviewed(walk: Walk, **variables: str) -> Done:
    return walk.step("apply/reviewed", "--commit", 9, GITHUB_SHA=MERGED, **variables)


@pytest.fixture(scope="module")
def failed(opened: Walk) -> Walk:
    """The merge, with an apply that AWS refuses."""
    opened.done["reviewed"] = reviewed(opened)
    with Between(opened.aws, refuses_the_comment) as between:
        opened.done["failed"] = opened.apply(opened.done["reviewed"].outputs["account"], between.environment())
    return opened


@pytest.fixture(scope="module")
def repaired(failed: Walk) -> Walk:
    """The remedy of the failure: plan again on main, review, apply."""
    failed.done["planned anew"] = failed.plan(ACCOUNT, AGAIN, GATES="", ACKNOWLEDGEMENTS="", LABELS="[]")
    failed.done["chosen"] = failed.step("apply/reviewed", '--stack "$STACK"', AGAIN, STACK=ACCOUNT)
    failed.done["applied"] = failed.apply(failed.done["chosen"].outputs["account"])
    return failed


@pytest.fixture(scope="module")
def drifted(repaired: Walk) -> Walk:
    """A night after the zone was changed by hand, and one after it was changed back."""
    for night, comment, issues in (
        (NIGHT, "by hand", []),
        (MORNING, NEW, [{"number": 5, "user": {"login": "github-actions[bot]"}, "body": marker(ACCOUNT)}]),
    ):
        repaired.change_by_hand(comment)
        repaired.hub.holds({"issues": issues})
        repaired.plan(ACCOUNT, night, GATES="", ACKNOWLEDGEMENTS="", LABELS="[]")
        repaired.done[str(night)] = repaired.step("drift/issues", "pipeline drift", night)
    return repaired


def test_the_changed_stack_of_a_pull_request_is_planned_and_commented(opened: Walk) -> None:
    assert opened.done["changed"].outputs == {"stacks": [ACCOUNT]}
    assert opened.done["planned"].outputs == {"review": True, "stopped": False}, opened.done["planned"].printed
    assert opened.done["commented"].exit_code == 0, opened.done["commented"].printed
    ((method, path, sent),) = [each for each in opened.hub.sent() if "comments" in each[1]]
    assert (method, path) == ("POST", "issues/12/comments")
    assert sent["body"].startswith(marker(ACCOUNT))
    assert NEW in sent["body"]


def test_after_the_merge_the_summary_shows_the_reviewed_plan(failed: Walk) -> None:
    found = failed.done["reviewed"]
    (plan,) = found.outputs["account"]
    assert (found.outputs["environments"], plan["stack"]) == ([], ACCOUNT)
    assert plan["plan"] in found.summary
    assert NEW in found.summary


def test_a_failed_apply_prints_the_cause_and_the_remedy(failed: Walk) -> None:
    found = failed.done["failed"]
    assert found.exit_code == 1
    assert "AccessDenied" in found.printed
    assert "gh workflow run apply.yml --ref main -f stack=account" in found.printed


def test_the_remedy_applies_the_merged_change(repaired: Walk) -> None:
    assert repaired.done["chosen"].outputs["account"] != repaired.done["reviewed"].outputs["account"]
    assert repaired.done["applied"].exit_code == 0, repaired.done["applied"].printed
    assert repaired.comment_of_the_zone() == NEW


def test_drift_opens_an_issue_and_its_end_closes_it(drifted: Walk) -> None:
    sent = [(method, path) for method, path, _ in drifted.hub.sent() if path.startswith("issues") and "12" not in path]
    assert sent == [("POST", "issues"), ("POST", "issues/5/comments"), ("PATCH", "issues/5")]
    ((_, _, opened),) = [each for each in drifted.hub.sent() if each[:2] == ("POST", "issues")]
    assert opened["title"] == "Drift: account is not as described"
    assert "by hand" in opened["body"]


# --- other merges -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Story:
    """A merge of the pull request: GitHub's answers about it, and the refusal of the apply; empty if it is accepted."""

    holds: Mapping[str, Any]
    refusal: str = ""


OF_MERGE: Final = merged(run(PLANNED))
STORIES: Final = {
    # GitHub names the merge as `merge_commit_sha`; the parents of the commit do not matter.
    "merged by a commit with two parents": Story(OF_MERGE | {f"commits/{MERGED}": {"parents": [{}, {"sha": HEAD}]}}),
    "squashed, with workflows identified by their commit": Story(
        merged(run(PLANNED, referenced_workflows=[called(None)])) | commits()
    ),
    "rebased, after an older run was cancelled": Story(merged(run(3, conclusion="cancelled"), run(PLANNED))),
    "its newest run failed": Story(
        merged(run(PLANNED), run(11, created_at=at(49), conclusion="failure")), "did not succeed"
    ),
    "its artifacts have expired": Story(
        OF_MERGE | {f"actions/runs/{PLANNED}/artifacts": {"artifacts": [{"name": "plan-account", "expired": True}]}},
        "account: it was not planned in the pull request",
    ),
    "its author may approve it": Story(
        OF_MERGE
        | protected(
            ACCOUNT,
            protection_rules=[{"type": "required_reviewers", "prevent_self_review": False, "reviewers": [{}]}],
        ),
        "account: reviewers: required, with self-review",
    ),
}
"""Further refusals are in tests/unit/operations/pipeline/test_runs.py and test_approval.py."""


@pytest.mark.parametrize("name", STORIES)
def test_a_merge_is_applied_only_with_its_own_reviewed_plan(opened: Walk, name: str) -> None:
    story = STORIES[name]
    artifacts = f"actions/runs/{PLANNED}/artifacts"
    with github_server(GitHubServer()) as hub:
        record = opened.hub.files(PLANNED, f"plan-{ACCOUNT}")
        hub.artifact(PLANNED, f"plan-{ACCOUNT}", record)
        hub.holds({**protected(ACCOUNT), **{path: held for path, held in story.holds.items() if path != artifacts}})
        hub.holds({path: held for path, held in story.holds.items() if path == artifacts})
        found = reviewed(Walk(opened.checkout, hub, opened.aws))
    if story.refusal:
        assert found.exit_code == 1
        assert story.refusal in " ".join(found.printed.split())
        assert (dict(found.outputs), found.summary) == ({}, "")
    else:
        assert found.exit_code == 0, found.printed
        assert [each["stack"] for each in found.outputs["account"]] == [ACCOUNT]


def test_a_plan_of_an_older_main_is_refused(opened: Walk, tmp_path: Path) -> None:
    moved = checked_out(tmp_path / "moved", "What another merge has made of it", "cdktf.out")
    (moved / "base").symlink_to(opened.checkout / "base")
    opened.hub.holds(merged(run(PLANNED)))
    found = reviewed(Walk(moved, opened.hub, opened.aws))
    assert found.exit_code == 1
    assert "account: its plan is of another configuration; main has moved" in " ".join(found.printed.split())
