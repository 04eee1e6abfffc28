"""`wealist docs` rejects invalid options before it writes anything, and serves the site."""

import threading
import urllib.request
from pathlib import Path

import pytest

from wealist.docs import command, site
from wealist.errors import BAD_INPUT, OperatorError


def test_a_site_is_served_on_loopback(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("a page")
    with command.server(tmp_path) as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
        thread.start()
        try:
            address = f"http://127.0.0.1:{serving.server_port}/"
            assert urllib.request.urlopen(address, timeout=10).read() == b"a page"
        finally:
            serving.shutdown()
            thread.join()


@pytest.mark.parametrize("languages", [["fr"], ["ko", ""], ["KO"]])
def test_unknown_languages_are_rejected_before_anything_is_written(languages: list[str], tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as refused:
        command.docs(tmp_path / "site", languages=languages, serve=False)
    assert refused.value.exit_code == BAD_INPUT
    assert "ko" in refused.value.remedy
    assert not (tmp_path / "site").exists()


def test_an_empty_folder_and_an_earlier_site_may_be_overwritten(tmp_path: Path) -> None:
    site.refuse_foreign(tmp_path)
    site.refuse_foreign(tmp_path / "new")
    (tmp_path / ".wealist-site").touch()
    (tmp_path / "index.html").touch()
    site.refuse_foreign(tmp_path)


def test_folders_with_other_files_and_files_are_rejected(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.touch()
    for out in (tmp_path, file):
        with pytest.raises(OperatorError, match="contains other files") as refused:
            command.docs(out, languages=None, serve=False)
        assert refused.value.exit_code == BAD_INPUT
    assert list(tmp_path.iterdir()) == [file]


def test_pages_that_load_from_the_network_are_rejected() -> None:
    for element in ('<script src="https://cdn.example/x.js">', "<img src=http://a.example/x.png>"):
        with pytest.raises(ValueError, match="from the network"):
            site.local(f"<html>{element}</html>", Path("prod.html"))
    shim = '<script src="https://unpkg.com/iframe-worker/shim"></script>'
    assert site.local(shim, Path("adr", "1.html")) == '<script src="../assets/from-disk.js"></script>'
