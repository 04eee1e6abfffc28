"""What `wealist docs` refuses before it writes anything, and what `--serve` serves."""

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
def test_an_unknown_language_is_refused_before_anything_is_read(languages: list[str], tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as refused:
        command.docs(tmp_path / "site", languages=languages, serve=False)
    assert refused.value.exit_code == BAD_INPUT
    assert not (tmp_path / "site").exists()


def test_a_folder_that_is_empty_or_holds_a_site_may_be_written(tmp_path: Path) -> None:
    site.refuse_foreign(tmp_path)
    site.refuse_foreign(tmp_path / "new")
    (tmp_path / ".wealist-site").touch()
    (tmp_path / "index.html").touch()
    site.refuse_foreign(tmp_path)


def test_a_folder_of_something_else_and_a_file_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.touch()
    for out in (tmp_path, file):
        with pytest.raises(OperatorError, match="holds something else") as refused:
            site.refuse_foreign(out)
        assert refused.value.exit_code == BAD_INPUT


def test_a_page_that_would_load_something_from_the_network_is_no_page_of_the_site() -> None:
    for element in ('<script src="https://cdn.example/x.js">', "<img src=http://a.example/x.png>"):
        with pytest.raises(ValueError, match="from the network"):
            site.local(f"<html>{element}</html>", Path("prod.html"))
    shim = '<script src="https://unpkg.com/iframe-worker/shim"></script>'
    assert site.local(shim, Path("adr", "1.html")) == '<script src="../assets/from-disk.js"></script>'
