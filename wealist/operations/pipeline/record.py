"""What a planning job leaves for the jobs after it: which plan it made, and of what."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wealist.errors import BAD_INPUT, OperatorError

RECORD_FILE: Final = "record.json"
REVIEW_FILE: Final = "review.md"
WHOLE_REVIEW_FILE: Final = "review.json"
PAGE_FILE: Final = "review.html"
"""What the first has room for, all of it, and all of it as a page. None holds a sensitive value."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Record(BaseModel):
    """A stack's plan, named by what identifies it. Holds nothing that a reader of the repository may not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stack: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    configuration: Sha256
    """Of the synthesized stack that was planned."""
    plan: Sha256 | None
    """Of the plan file; none where Terraform has nothing to do."""
    terraform: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+")]
    """The version that made the plan, which no other can apply."""
    by_hand: str = ""
    """Why an operator must apply it, where the pipeline may not."""


def given(**values: str) -> Record:
    """The record that the options of a command name; what is no record is refused."""
    try:
        return Record.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(f"--{each['loc'][0]} {each['input']!r}: {each['msg']}" for each in error.errors())
        raise OperatorError(
            f"this names no plan: {problems}",
            remedy="give what `wealist pipeline reviewed` printed",
            exit_code=BAD_INPUT,
        ) from None


def write(record: Record, folder: Path) -> Path:
    """Write a record beside its review."""
    path = folder / RECORD_FILE
    path.write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return path


def read(folder: Path) -> Record:
    """Read a record; what is no record is refused."""
    path = folder / RECORD_FILE
    try:
        return Record.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise OperatorError(
            f"{path} is no record of a plan: {error}",
            remedy="plan the stack again; a record is written by `wealist pipeline plan`",
            exit_code=BAD_INPUT,
        ) from None
