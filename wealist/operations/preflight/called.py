"""How GitHub names the workflows that a run has called: seen in a real run, and judged as `pipeline reviewed` does.

newest run of pull-request.yml ─► its pull request ─► the rule of runs.py ─► a row, and a record for the tests

GitHub's schema leaves open whether a called workflow comes with a `ref`, and no documentation says what it holds for a
call in the same repository.
https://docs.github.com/en/rest/actions/workflow-runs#get-a-workflow-run
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from wealist.files import write_atomically
from wealist.operations.pipeline.github import GitHub, GitHubError
from wealist.operations.pipeline.runs import WORKFLOW, is_of
from wealist.operations.preflight.check import Answer
from wealist.spec.account import MAIN_BRANCH

EXPECTED: Final = "a shape that `pipeline reviewed` accepts"
REMEDY: Final = (
    "record it (--record FILE) for the tests, and change `is_of` in wealist/operations/pipeline/runs.py; until then, "
    "the pipeline applies nothing"
)
_KEPT: Final = ("id", "event", "path", "head_branch", "head_sha", "created_at", "referenced_workflows")


@dataclass(frozen=True)
class Called:
    """A run, and what the rule says of it.

    Attributes:
        run: As GitHub describes it.
        pull: The number of its pull request.
        accepted: Whether the rule would apply what it planned.
    """

    run: dict[str, Any]
    pull: int
    accepted: bool

    @property
    def shape(self) -> str:
        """What GitHub says of each called workflow, and which keys it leaves out."""
        called = self.run["referenced_workflows"] or []
        shapes = [", ".join(f"{key} {each.get(key) or 'absent'}" for key in ("path", "sha", "ref")) for each in called]
        return f"run {self.run['id']} of #{self.pull} calls {'; '.join(shapes) or 'nothing'}"

    def document(self) -> dict[str, Any]:
        """What tests can replay: the run's own words, and nobody's name."""
        return {
            "origin": "recorded",
            "run": {key: self.run[key] for key in _KEPT},
            "pull": self.pull,
            "accepted": self.accepted,
        }


def newest(github: GitHub) -> Called:
    """Return the newest completed run for a pull request from a branch of the repository itself.

    Raises:
        GitHubError: there is none yet, or GitHub does not know of which pull request it is.
    """
    listed = github.get(f"actions/workflows/{WORKFLOW}/runs", event="pull_request", status="completed", per_page=100)
    own = [run for run in listed["workflow_runs"] if run["head_repository"]["full_name"] == github.repository]
    if not own:
        raise GitHubError(f"a run of {WORKFLOW}", 0, "there is none yet; open a pull request")
    run = own[0]
    pull = _pull(github, run)
    # What is not merged yet would come to main from its branch.
    commit = pull["merge_commit_sha"] if pull["merged_at"] else pull["head"]["sha"]
    return Called(run, int(pull["number"]), is_of(github, run, pull, commit))


def _pull(github: GitHub, run: dict[str, Any]) -> dict[str, Any]:
    pulls: list[dict[str, Any]] = github.get(f"commits/{run['head_sha']}/pulls")
    own = [each for each in pulls if (each["head"]["ref"], each["base"]["ref"]) == (run["head_branch"], MAIN_BRANCH)]
    if not own:
        raise GitHubError(f"the pull request of run {run['id']}", 0, f"none to {MAIN_BRANCH} is known for its commit")
    return max(own, key=lambda each: int(each["number"]))


def look(github: GitHub) -> Answer:
    """Judge the newest run."""
    called = newest(github)
    return Answer(called.accepted, called.shape)


def record(github: GitHub, file: Path) -> None:
    """Write what GitHub says of the newest run into a file, as JSON."""
    write_atomically(file, json.dumps(newest(github).document(), indent=2) + "\n")
