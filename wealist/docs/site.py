"""Build a static site of the pages in each language. It works from disk and loads nothing from the network.

pages, guides, decisions ─ links rebased ─► a temporary folder ─ Zensical ─► <lang>/*.html ─► the output folder
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from wealist.checks.finding import Synthesis
from wealist.diagram import Picture, drawings, figures, script, style
from wealist.docs.costs import Variants, variants
from wealist.docs.markdown import rebased
from wealist.docs.messages import LANGUAGES, Messages
from wealist.docs.pages import FOLDER, Page, pages
from wealist.errors import BAD_INPUT, OperatorError, ToolFailedError
from wealist.model.stack import StackJson
from wealist.project import ROOT
from wealist.spec.environment import Environment

_ASSETS: Final = Path(__file__).with_name("assets")
_MARKER: Final = ".wealist-site"
"""A file that marks a folder as a generated site, which may be replaced."""
_SHIM: Final = re.compile(r'<script[^>]*src="?https://unpkg\.com/iframe-worker/shim"?[^>]*></script>')
"""A script that Zensical loads from the network for pages opened from disk, where browsers forbid workers."""
_PLACEHOLDER: Final = re.compile(r'<div class="figure-[^"]*"></div>')
_GUIDES: Final = ("README.md", "docs/*.md")
_DECISIONS: Final = "docs/adr"


def build(synthesis: Synthesis, languages: Sequence[str], out: Path) -> None:
    """Build the site.

    Args:
        synthesis: The synthesized stacks.
        languages: The languages to build.
        out: The output folder. An earlier site in it is replaced.

    Raises:
        OperatorError: the folder contains other files; with exit code 2.
        ToolFailedError: Zensical cannot build a page, and has printed the reason.
        OSError: the folder cannot be written.
    """
    refuse_foreign(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as folder:
        draft = Path(folder, "site")
        sites = [_LanguageSite(language, Path(folder, language)) for language in languages]
        alternatives = variants(list(synthesis.environments.values()))
        for each in sites:
            each.write(synthesis, alternatives, languages)
        with ThreadPoolExecutor() as pool:
            list(pool.map(_LanguageSite.render, sites))
        for each in sites:
            each.finish(draft / each.language)
        (draft / _MARKER).touch()
        shutil.copy2(_ASSETS / "index.html", draft)
        shutil.rmtree(out, ignore_errors=True)
        draft.rename(out)


def refuse_foreign(out: Path) -> None:
    """Refuse an output path that is a file, or a folder with anything else than a generated site.

    Raises:
        OperatorError: with exit code 2.
    """
    if out.exists() and not (out.is_dir() and ((out / _MARKER).exists() or not any(out.iterdir()))):
        raise OperatorError(
            f"{out} contains other files than this site",
            remedy="name a folder that is new, empty, or contains a site that `wealist docs` wrote",
            exit_code=BAD_INPUT,
        )


class _LanguageSite:
    """The site of one language.

    Attributes:
        language: The code of the language.
    """

    def __init__(self, language: str, work: Path) -> None:
        self.language = language
        self._work = work
        self._pictures: dict[str, Picture] = {}

    def write(self, synthesis: Synthesis, alternatives: Variants, languages: Sequence[str]) -> None:
        """Write the input of Zensical: Markdown, assets and configuration."""
        sources, written = self._work / "pages", pages(synthesis, self.language, self._figures, alternatives)
        places = _site_paths(written, self.language)
        texts = {page.path: _without_toc(page) for page in written} | _guides()
        for path, place in places.items():
            file = sources / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(_for_site(texts[path], path, place, places), encoding="utf-8")
        shutil.copytree(_ASSETS / "site", sources / "assets")
        (sources / "assets" / "diagram.css").write_text(style(), encoding="utf-8")
        (sources / "assets" / "diagram.js").write_text(script(), encoding="utf-8")
        configuration = _configuration(self.language, written, places, languages)
        (self._work / "zensical.toml").write_text(configuration, encoding="utf-8")

    def _figures(self, stack: StackJson, environment: Environment | None, _: str) -> Mapping[str, str]:
        """Draw a stack. Returns name → placeholder, which `finish` replaces by the figure."""
        found = {}
        for name, drawing in drawings(stack, environment).items():
            id_ = f"{stack.name}-{name}"
            self._pictures[_placeholder(id_)] = Picture(drawing, id=id_)
            found[name] = _placeholder(id_)
        return found

    def render(self) -> None:
        """Run Zensical. Raises the same errors as `build`."""
        done = subprocess.run(
            [sys.executable, "-m", "zensical", "build", "--config-file", "zensical.toml"],
            cwd=self._work,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            from wealist.progress import print_output  # noqa: PLC0415  only a failure is shown

            print_output(done.stdout + done.stderr)
            raise ToolFailedError(done.returncode)

    def finish(self, out: Path) -> None:
        """Insert the figures into the built pages, and remove everything that they would load from the network."""
        shutil.copytree(self._work / "site", out, ignore=shutil.ignore_patterns("404.html"))  # a server's
        texts = figures(list(self._pictures.values()), language=self.language)
        drawn = dict(zip(self._pictures, texts, strict=True))
        for page in out.rglob("*.html"):
            html = _PLACEHOLDER.sub(lambda place: drawn[place[0]], page.read_text(encoding="utf-8"))
            page.write_text(local(html, page.relative_to(out)), encoding="utf-8")


def _placeholder(id_: str) -> str:
    return f'<div class="figure-{id_}"></div>'


def _without_toc(page: Page) -> str:
    """Return the text of a page. A page with figures gets no table of contents beside it, to have its whole width."""
    return page.text if '<div class="figure-' not in page.text else f"---\nhide:\n  - toc\n---\n\n{page.text}"


def _for_site(text: str, path: str, place: str, places: Mapping[str, str]) -> str:
    """Return a page with the links of the site, also to the same page in other languages."""
    switched = re.sub(r"\]\(\.\./(\w+)/([\w-]+)\.md\)", _other_language, text) if path.startswith(FOLDER) else text
    return rebased(switched, path, place, dict(places))


def _other_language(link: re.Match[str]) -> str:
    name = "index" if link[2] == "README" else link[2]
    return f"](site:../{link[1]}/{name}.html)" if link[1] in LANGUAGES else link[0]


def _site_paths(pages: Sequence[Page], language: str) -> dict[str, str]:
    """Return path in the project → path in the site."""
    own = f"{FOLDER}/{language}/"
    places = {page.path: page.path.removeprefix(own).replace("README", "index") for page in pages}
    guides = {
        path: f"guides/{Path(path).name.lower()}".replace("readme", "project")
        for path in _guides()
        if "/adr/" not in path
    }
    decisions = {path: f"adr/{Path(path).name}".replace("README", "all") for path in _guides() if "/adr/" in path}
    return places | guides | decisions


def _guides() -> dict[str, str]:
    paths = [path for pattern in (*_GUIDES, f"{_DECISIONS}/*.md") for path in sorted(ROOT.glob(pattern))]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def _configuration(language: str, pages: Sequence[Page], places: Mapping[str, str], languages: Sequence[str]) -> str:
    say = Messages(language)
    template = (_ASSETS / "zensical.toml").read_text(encoding="utf-8")
    others = [f'{{ name = "{LANGUAGES[each]}", link = "../{each}/index.html", lang = "{each}" }}' for each in languages]
    values = {
        "LANGUAGE": language,
        "TITLE": say("page.home"),
        "NAV": ", ".join(_navigation(say, pages, places)),
        "ALTERNATE": ", ".join(others),
        "TO_DARK": say("site.to_dark"),
        "TO_LIGHT": say("site.to_light"),
    }
    for name, value in values.items():
        template = template.replace(f"@{name}@", value)
    return template


def _navigation(say: Messages, pages: Sequence[Page], places: Mapping[str, str]) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for page in pages:
        groups.setdefault(page.group or say("page.of_all"), []).append(_entry(page.short, places[page.path]))
    for name, entries in groups.items():
        yield f"{{ {json.dumps(name, ensure_ascii=False)} = [{', '.join(entries)}] }}"
    for name, folder in ((say("site.guides"), "guides/"), (say("site.decisions"), "adr/")):
        entries = [json.dumps(place) for place in places.values() if place.startswith(folder)]
        yield f"{{ {json.dumps(name, ensure_ascii=False)} = [{', '.join(entries)}] }}"


def _entry(title: str, place: str) -> str:
    return f"{{ {json.dumps(title, ensure_ascii=False)} = {json.dumps(place)} }}"


def local(html: str, path: Path) -> str:
    """Return a page without the script that Zensical loads from the network.

    Raises:
        ValueError: the page loads anything else from the network.
    """
    up = "../" * (len(path.parts) - 1)
    written = _SHIM.sub(f'<script src="{up}assets/from-disk.js"></script>', html).replace('href="site:', f'href="{up}')
    if found := re.search(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="?https?://[^"\s>]*', written):
        raise ValueError(f"{path} loads {found[0]} from the network")
    return written
