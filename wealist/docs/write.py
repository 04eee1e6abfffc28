"""docs/architecture: what it must hold, how it differs from that, and how it is brought up to date.

`wealist accept` and `wealist docs` write it; `wealist check --all` finds what is not current.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from wealist.checks.finding import Finding, Synthesis
from wealist.diagram import drawings, mermaid
from wealist.docs import readme
from wealist.docs.messages import LANGUAGES, Messages
from wealist.docs.pages import FOLDER, pages
from wealist.files import write_atomically
from wealist.model.stack import StackJson
from wealist.project import ROOT
from wealist.spec.environment import Environment

CURRENT: Final = "inventory.documents"
REMEDY: Final = f"run `wealist accept`, look at the difference of {FOLDER}/, and commit it"


def files(synthesis: Synthesis) -> dict[str, str]:
    """Return every file of docs/architecture, and the README: path in the project → text."""
    written = {page.path: page.text for language in LANGUAGES for page in pages(synthesis, language, _by_mermaid)}
    written[f"{FOLDER}/README.md"] = _index()
    page = _read(readme.PATH)
    return written | ({} if page is None else {readme.PATH: readme.readme(page, synthesis)})


def _index() -> str:
    links = (f"- [{own}]({language}/README.md)\n" for language, own in LANGUAGES.items())
    return f"# {Messages(next(iter(LANGUAGES)))('page.home')}\n\n{''.join(links)}"


def _by_mermaid(stack: StackJson, environment: Environment | None, language: str) -> Mapping[str, str]:
    drawn = drawings(stack, environment).items()
    return {name: f"```mermaid\n{mermaid(drawing, language)}```" for name, drawing in drawn}


def outdated(synthesis: Synthesis) -> Iterator[Finding]:
    """Find each file of docs/architecture that is not what the synthesis says."""
    wanted = files(synthesis)
    for path in sorted(wanted.keys() | _there()):
        if wanted.get(path) != _read(path):
            problem = (
                "differs from what was synthesized" if path in wanted else "describes nothing that was synthesized"
            )
            yield Finding("documents", path, CURRENT, problem, REMEDY)


def write(synthesis: Synthesis) -> list[str]:
    """Bring docs/architecture up to date.

    Returns:
        The paths that changed.

    Raises:
        OperatorError: an environment cannot be described; nothing is written.
    """
    wanted = files(synthesis)
    changed = [path for path in sorted(wanted) if wanted[path] != _read(path)]
    for path in changed:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(ROOT / path, wanted[path])
    gone = sorted(_there() - wanted.keys())
    for path in gone:
        (ROOT / path).unlink()
    return [*changed, *gone]


def _there() -> set[str]:
    folders = (ROOT / FOLDER / language for language in LANGUAGES)
    return {path.relative_to(ROOT).as_posix() for folder in folders for path in folder.glob("*.md")}


def _read(path: str) -> str | None:
    file = Path(ROOT, path)
    return file.read_text(encoding="utf-8") if file.exists() else None
