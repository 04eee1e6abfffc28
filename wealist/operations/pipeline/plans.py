"""Plans between review and apply: what identifies a plan, and where it is stored.

synthesized stack ─ SHA-256 ─┐
plan file ───────── SHA-256 ─┴─► Record ─┬─► artifact `plan-STACK` of the workflow run, which every reader can download
                       review of the plan ┘
plan file, its JSON ─► S3: wealist-terraform-plans/STACK/SHA256.tfplan and .json, for the pipeline's roles and operators
"""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wealist import project
from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.pipeline.github import GitHub
from wealist.spec.account import PLANS_BUCKET, SHARED_STACKS

RECORD_FILE: Final = "record.json"
REVIEW_FILE: Final = "review.md"
"""The review, shortened to the size of a comment."""
WHOLE_REVIEW_FILE: Final = "review.json"
PAGE_FILE: Final = "review.html"
"""The whole review as data, and as a page. None of these files holds a sensitive value."""
_ARTIFACT_PREFIX: Final = "plan-"
_TERRAFORM_FILES: Final = (".terraform", ".terraform.lock.hcl")
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Record(BaseModel):
    """The identity of a stack's plan. Holds nothing that readers of the repository must not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stack: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    configuration: Sha256
    """SHA-256 of the synthesized stack, as `configuration_digest` returns it."""
    plan: Sha256 | None
    """SHA-256 of the plan file; None if there is nothing to apply."""
    terraform: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+")]
    """Version of the Terraform that planned. Other versions cannot apply the plan."""
    by_hand: str = ""
    """Why only an operator may apply the plan; empty if the pipeline may."""


@dataclass(frozen=True)
class Planned:
    """The result of a planning job.

    Attributes:
        record: The plan's identity.
        review: The review as a comment; None if there is nothing to apply and no check fails.
    """

    record: Record
    review: str | None


def replan_remedy(stack: str) -> str:
    """Return the remedy for a plan that cannot be applied: the command that plans again on main."""
    return f"plan it anew on main: gh workflow run apply.yml --ref main -f stack={stack}"


# --- configuration ----------------------------------------------------------------------------------------------------


def configuration_digest(folder: Path) -> str:
    """Return the SHA-256 of a stack's synthesized files, modules included: of their paths and contents.

    Two commits that synthesize identical files for a stack have the same digest for it.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        relative = path.relative_to(folder)
        if relative.parts[0] not in _TERRAFORM_FILES:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{relative.as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def configuration_digests(root: Path) -> dict[str, str]:
    """Return the digest of every stack of a synthesis, in the order of applies: shared stacks before environments."""
    names = sorted(
        project.stack_names(root), key=lambda name: (name not in SHARED_STACKS, name != SHARED_STACKS[0], name)
    )
    return {name: configuration_digest(project.stack_folder(name, root)) for name in names}


def changed_stacks(base: Path, head: Path) -> dict[str, str]:
    """Return the digests of the stacks in `head` that `base` lacks or synthesizes differently, in the order of applies.

    A base without a manifest could not be synthesized: every stack counts as changed.
    """
    before = _digests_if_synthesized(base)
    return {name: digest for name, digest in configuration_digests(head).items() if before.get(name) != digest}


def removed_stacks(base: Path, head: Path) -> list[str]:
    """Return the stacks that only `base` has. Their resources in AWS may still exist."""
    return sorted(_digests_if_synthesized(base).keys() - configuration_digests(head).keys())


def _digests_if_synthesized(root: Path) -> dict[str, str]:
    return configuration_digests(root) if (root / "manifest.json").is_file() else {}


# --- records ----------------------------------------------------------------------------------------------------------


def record_from_options(**values: str) -> Record:
    """Build a record from the options of a command.

    Raises:
        OperatorError: An option is invalid; exit code 2.
    """
    try:
        return Record.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(f"--{each['loc'][0]} {each['input']!r}: {each['msg']}" for each in error.errors())
        raise OperatorError(
            f"the options identify no plan: {problems}",
            remedy="give the values that `wealist pipeline reviewed` printed",
            exit_code=BAD_INPUT,
        ) from None


def read_record(folder: Path) -> Record:
    """Read the record in a folder.

    Raises:
        OperatorError: The file is missing or invalid; exit code 2.
    """
    path = folder / RECORD_FILE
    try:
        return Record.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise OperatorError(
            f"{path} is not a valid record of a plan: {error}",
            remedy="plan the stack again: `wealist pipeline plan` writes the record",
            exit_code=BAD_INPUT,
        ) from None


def download_plans(github: GitHub, run: int) -> dict[str, Planned]:
    """Return the results of a workflow run's planning jobs, by stack, from its artifacts."""
    results: dict[str, Planned] = {}
    with tempfile.TemporaryDirectory() as folder:
        for artifact in github.artifacts(run):
            if artifact.startswith(_ARTIFACT_PREFIX):
                files = github.download(run, artifact, Path(folder))
                review, record = files / REVIEW_FILE, read_record(files)
                text = review.read_text(encoding="utf-8") if review.exists() else None
                results[record.stack] = Planned(record, text)
    return results


# --- plan files -------------------------------------------------------------------------------------------------------


def store_plan(s3: Any, stack: str, plan: Path, as_json: Path) -> str:  # noqa: ANN401  a boto3 client
    """Upload a plan file, and its JSON for operators, with the plan role's rights. Return the plan file's SHA-256."""
    content = plan.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    for suffix, body in ((".tfplan", content), (".json", as_json.read_bytes())):
        s3.put_object(Bucket=PLANS_BUCKET, Key=f"{stack}/{digest}{suffix}", Body=body)
    return digest


def fetch_plan(s3: Any, stack: str, digest: str, into: Path) -> None:  # noqa: ANN401  a boto3 client
    """Download a plan file by its SHA-256 into an existing private file, with the apply role's rights.

    Raises:
        OperatorError: The object is missing, or its content has another SHA-256. Nothing is written.
    """
    key = f"{stack}/{digest}.tfplan"
    try:
        content = s3.get_object(Bucket=PLANS_BUCKET, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        raise OperatorError(
            f"the reviewed plan of {stack} no longer exists: s3://{PLANS_BUCKET}/{key} (plans expire)",
            remedy=replan_remedy(stack),
        ) from None
    actual = hashlib.sha256(content).hexdigest()
    if actual != digest:
        raise OperatorError(
            f"s3://{PLANS_BUCKET}/{key} is not the plan that was reviewed: its SHA-256 is {actual}",
            remedy=f"find out who wrote it (the object's versions say when), then {replan_remedy(stack)}",
        )
    into.write_bytes(content)
