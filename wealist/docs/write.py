"""Write docs/architecture and the README's picture, and find outdated files in them.

`wealist accept` and `wealist docs` write them. `wealist check --all` reports outdated files.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from wealist.checks.finding import Finding, Synthesis
from wealist.diagram import Drawing, drawings, mermaid
from wealist.docs import readme
from wealist.docs.messages import LANGUAGES, Messages
from wealist.docs.pages import FOLDER, Draw, pages
from wealist.files import write_atomically
from wealist.project import ROOT

_CONTROL: Final = "inventory.documents"
_REMEDY: Final = f"run `wealist accept`, review the difference in {FOLDER}/, and commit it"


def files(synthesis: Synthesis) -> dict[str, str]:
    """Return the text of every file of docs/architecture and of the README, by path in the project."""
    draw = _mermaid_blocks(synthesis)
    wanted = {page.path: page.text for language in LANGUAGES for page in pages(synthesis, language, draw)}
    wanted[f"{FOLDER}/README.md"] = _index()
    if (page := _read(readme.PATH)) is not None:
        wanted[readme.PATH] = readme.readme(page, synthesis)
    return wanted


def _index() -> str:
    links = (f"- [{own}]({language}/README.md)\n" for language, own in LANGUAGES.items())
    return f"# {Messages(next(iter(LANGUAGES)))('page.home')}\n\n{''.join(links)}"


def _mermaid_blocks(synthesis: Synthesis) -> Draw:
    """Return a function that draws stacks as Mermaid. It computes each drawing once for all languages."""

    @cache
    def drawn(stack: str) -> Mapping[str, Drawing]:
        return drawings(synthesis.stacks[stack], synthesis.environments.get(stack))

    return lambda stack, _, language: {
        name: f"```mermaid\n{mermaid(drawing, language)}```" for name, drawing in drawn(stack.name).items()
    }


def outdated(synthesis: Synthesis) -> Iterator[Finding]:
    """Find each file that differs from what the synthesized stacks say."""
    wanted = files(synthesis)
    for path in sorted(wanted.keys() | _existing()):
        if wanted.get(path) != _read(path):
            problem = "differs from the synthesized stacks" if path in wanted else "describes no synthesized stack"
            yield Finding("documents", path, _CONTROL, problem, _REMEDY)


def write(synthesis: Synthesis) -> list[str]:
    """Write the files that differ, and delete those that describe nothing.

    Returns:
        The paths of changed and deleted files.

    Raises:
        OperatorError: an environment cannot be described. Nothing is written.
    """
    wanted = files(synthesis)
    changed = [path for path in sorted(wanted) if wanted[path] != _read(path)]
    for path in changed:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(ROOT / path, wanted[path])
    gone = sorted(_existing() - wanted.keys())
    for path in gone:
        (ROOT / path).unlink()
    return [*changed, *gone]


def _existing() -> set[str]:
    folders = (ROOT / FOLDER / language for language in LANGUAGES)
    return {path.relative_to(ROOT).as_posix() for folder in folders for path in folder.glob("*.md")}


def _read(path: str) -> str | None:
    file = Path(ROOT, path)
    return file.read_text(encoding="utf-8") if file.exists() else None
