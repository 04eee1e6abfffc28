"""`wealist docs` builds a site of the synthesized stacks that works from disk."""

import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import pytest

from tests.unit.copies import bytes_below, run_python
from tests.unit.docs.described import hostile

LANGUAGES: Final = ("ko", "en")


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def docs(project: Path, synthesized: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run_python("-m", "wealist", "docs", *options, cwd=project, environment={"CDKTF_OUTDIR": str(synthesized)})


@pytest.fixture(scope="module")
def site(copied: Path, synthesized: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "built"
    done = docs(copied, synthesized, "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{out}/index.html\n"
    return out


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_pages_guides_and_decisions_exist_in_each_language(site: Path) -> None:
    for language in LANGUAGES:
        folder = site / language
        for name in ("index", "prod", "dev", "prod-runbooks", "prod-drill", "prod-costs", "environments", "settings"):
            assert (folder / f"{name}.html").exists()
        assert (folder / "guides" / "monitoring.html").exists()
        assert list((folder / "adr").glob("0069-*.html"))


def test_every_link_and_anchor_inside_the_site_exists(site: Path) -> None:
    ids = {page: {str(each.get("id")) for _, each in Elements(page).found} for page in pages(site)}
    for page in pages(site):
        for tag, attributes in Elements(page).found:
            href = attributes.get("href") or ""
            if tag != "a" or re.match(r"[a-z]+:|//", href) or not href:
                continue
            path, _, anchor = unquote(href).partition("#")
            there = (page.parent / path).resolve() if path else page
            there = there / "index.html" if there.is_dir() else there
            assert there.exists(), (page, href)
            assert not anchor or anchor in ids[there] or anchor == "__consent", (page, href)


def test_pages_contain_drawings_and_the_search_index_contains_the_pages(site: Path) -> None:
    page = (site / "ko" / "prod.html").read_text(encoding="utf-8")
    assert page.count('<svg class="diagram-svg"') >= 9
    assert 'class="figure-' not in page
    index = (site / "ko" / "search.js").read_text(encoding="utf-8")
    assert "wealist-prod-redis" in index
    assert "데이터베이스" in index


def test_cost_pages_contain_alternative_settings_and_the_documents_figures(site: Path) -> None:
    page = (site / "en" / "dev-costs.html").read_text(encoding="utf-8")
    for setting in ("enable_multi_az", "network.nat", "network.endpoint_zones"):
        assert f"<code>{setting}</code>" in page
    for says in ("~15", "~30", "~12"):
        assert f"<td>{says}</td>" in page


def test_a_site_can_be_rebuilt_in_one_language(site: Path, copied: Path, synthesized: Path, tmp_path: Path) -> None:
    again = Path(shutil.copytree(site, tmp_path / "again"))
    done = docs(copied, synthesized, "--out", str(again), "--language", "en")
    assert done.returncode == 0, done.stderr
    assert (again / "en" / "prod.html").exists()
    assert not (again / "ko").exists()


def broken_json(folder: Path) -> None:
    (folder / "stacks" / "prod" / "cdk.tf.json").write_text("{")


def no_stack(folder: Path) -> None:
    (folder / "stacks" / "prod" / "cdk.tf.json").write_text('{"resource": []}')


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize("fault", [broken_json, no_stack, no_manifest])
def test_invalid_syntheses_are_rejected_and_nothing_is_written(
    fault: object, copied: Path, synthesized: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(synthesized, tmp_path / "synthesized"))
    fault(folder)  # type: ignore[operator]  # one of the functions above
    before, out = bytes_below(copied / "docs"), tmp_path / "site"
    done = docs(copied, folder, "--out", str(out))
    assert done.returncode == 2
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "remedy"]
    assert not out.exists()
    assert bytes_below(copied / "docs") == before


def test_an_unwritable_folder_is_named(copied: Path, synthesized: Path) -> None:
    done = docs(copied, synthesized, "--out", "/proc/wealist/site")
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith(("error: ", "remedy: "))]
    assert [line.partition(":")[0] for line in errors] == ["error", "remedy"]
    assert "/proc/wealist" in errors[0]


def test_markup_in_names_is_text_in_the_site(copied: Path, synthesized: Path, tmp_path: Path) -> None:
    project = Path(shutil.copytree(copied, tmp_path / "project", symlinks=True))
    folder = Path(shutil.copytree(synthesized, tmp_path / "synthesized"))
    path = folder / "stacks" / "prod" / "cdk.tf.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["resource"] = hostile(document["resource"])
    path.write_text(json.dumps(document), encoding="utf-8")
    done = docs(project, folder, "--out", str(tmp_path / "site"), "--language", "ko")
    assert done.returncode == 0, done.stderr
    assert "alert(1)" in (tmp_path / "site" / "ko" / "prod.html").read_text(encoding="utf-8")
    for page in pages(tmp_path / "site"):
        for tag, attributes in Elements(page).found:
            assert not {name for name in attributes if name.startswith("on")}, (page, tag, attributes)
            assert "evil.example" not in str(attributes.get("href")), (page, tag)
            assert not (tag == "img" and attributes.get("src") == "x"), page


def test_the_committed_pages_match_the_committed_environments(tmp_path: Path) -> None:
    """If this fails, run `wealist accept`."""
    environment = os.environ | {"CDKTF_OUTDIR": str(tmp_path)}
    assert run_python("main.py", environment=environment).returncode == 0
    found = json.loads(run_python("-m", "wealist", "check", "--all", "--json", environment=environment).stdout)
    assert [each for each in found["findings"] if each["control"] == "inventory.documents"] == []
