"""The files and images that instances download at their first start are checked."""

import json
import threading
from pathlib import Path

import pytest

from tests.loopback import Answer, Request, serving
from tests.unit.operations.preflight.conftest import subject
from wealist.model.module import Module, find
from wealist.operations import web
from wealist.operations.preflight import downloads as module_under_test
from wealist.operations.preflight.check import Check, Outcome, Row, run
from wealist.operations.preflight.downloads import downloads, files, images
from wealist.project import ROOT

MAIN = """
locals {
  versions = {
    tool        = "1.2.3"
    tool_image  = "registry.example/tools/tool:v1@sha256:abc"
    other_image = "registry.example/other:v2"
  }
  compose_sums = { x86_64 = "1", aarch64 = "2" }
}
"""
SCRIPT = """
fetch() { curl "$1"; }
file="tool-$(uname -m)"
fetch "https://example.com/v${tool_version}/$file" "$downloads/$file"
agent=agent-${tool_version}.noarch
  fetch "https://files.${region}.example.com/$agent.rpm" "$downloads/$agent.rpm"
"""


@pytest.fixture
def module() -> Module:
    return Module("./modules/test", {"main.tf": MAIN, "templates/start.sh.tftpl": SCRIPT})


def test_urls_contain_the_pinned_version_and_each_architecture(module: Module) -> None:
    assert files(module) == {
        "https://example.com/v1.2.3/tool-x86_64",
        "https://example.com/v1.2.3/tool-aarch64",
        "https://files.ap-northeast-2.example.com/agent-1.2.3.noarch.rpm",
    }
    assert images(module) == {"registry.example/tools/tool:v1@sha256:abc", "registry.example/other:v2"}


def test_a_module_without_checksums_has_urls_too() -> None:
    script = 'fetch "https://example.com/tool" "$downloads/tool"'
    assert files(Module("./modules/test", {"main.tf": "locals {}", "start.sh": script})) == {"https://example.com/tool"}


def test_every_fetch_in_the_modules_has_a_complete_url() -> None:
    for folder in sorted((ROOT / "modules").iterdir()):
        found = find(f"./modules/{folder.name}", Path("nowhere"))
        assert found
        fetched = sum(text.count('fetch "') for text in found.texts.values())
        assert len(files(found)) >= fetched
        assert not [address for address in files(found) if "$" in address]


def test_each_download_of_an_environment_is_checked_once() -> None:
    names = [check.what for check in downloads(subject())]
    assert len(names) == len(set(names))
    assert {name.split()[0] for name in names} == {"download", "image"}


# --- requests ---------------------------------------------------------------------------------------------------------


def file_at(address: str) -> Row:
    return run(Check("file", "there", "pin another", lambda: module_under_test.file(address)))


def image_of(name: str) -> Row:
    return run(Check(name, "there", "pin another", lambda: module_under_test.image(name)))


@pytest.mark.parametrize(
    ("status", "outcome", "found"),
    [
        (200, Outcome.RIGHT, "there"),
        (404, Outcome.WRONG, "404 Not Found"),
        (403, Outcome.WRONG, "403 Forbidden"),
    ],
)
def test_a_missing_or_forbidden_file_is_wrong(status: int, outcome: Outcome, found: str) -> None:
    with serving(lambda _: Answer(b"content", status)) as address:
        row = file_at(f"{address}/file")
    assert (row.outcome, row.found) == (outcome, found)


def test_redirects_are_followed() -> None:
    with (
        serving(lambda _: Answer(b"content")) as elsewhere,
        serving(lambda _: Answer(b"", 302, {"Location": elsewhere})) as address,
    ):
        assert file_at(f"{address}/file").outcome == Outcome.RIGHT


@pytest.mark.usefixtures("immediate_retries")
def test_a_failing_or_slow_server_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "ANSWER_WITHIN", 0.02)
    with serving(lambda _: Answer(b"", 503)) as address:
        assert file_at(f"{address}/file").outcome == Outcome.UNREACHABLE
    assert file_at("http://127.0.0.1:9/file").outcome == Outcome.UNREACHABLE
    over = threading.Event()
    with serving(lambda _: Answer(status=0) if over.wait(10) else Answer()) as address:
        row = file_at(f"{address}/file")
        over.set()
    assert row.outcome == Outcome.UNREACHABLE


class Registry:
    """A registry that requires an anonymous token, as Docker Hub, Quay and ECR Public do."""

    def __init__(self, *held: str, key: str = "token") -> None:
        self._held, self._key = held, key

    def __call__(self, request: Request) -> Answer:
        if request.path == "/token":
            assert request.query["scope"].startswith("repository:")
            return Answer(json.dumps({self._key: "anonymous"}).encode())
        if request.headers.get("Authorization") != "Bearer anonymous":
            realm = f"http://{request.headers['Host']}/token"
            challenge = f'Bearer realm="{realm}",service="registry",scope="repository:x:pull"'
            return Answer(b"", 401, {"WWW-Authenticate": challenge})
        assert "application/vnd.oci.image.index.v1+json" in request.headers["Accept"]
        return Answer(b"", 200 if request.path in self._held else 404)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback has no certificate."""
    monkeypatch.setattr(module_under_test, "SCHEME", "http")


@pytest.mark.parametrize("key", ["token", "access_token"])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("tools/tool:v1@sha256:abc", "/v2/tools/tool/manifests/sha256:abc"),
        ("other:v2", "/v2/other/manifests/v2"),
    ],
)
def test_an_image_is_found_by_digest_or_tag_with_an_anonymous_token(name: str, path: str, key: str) -> None:
    with serving(Registry(path, key=key)) as address:
        assert image_of(f"{address.removeprefix('http://')}/{name}").outcome == Outcome.RIGHT
        row = image_of(f"{address.removeprefix('http://')}/gone:v1")
    assert (row.outcome, row.found) == (Outcome.WRONG, "404 Not Found")


def test_without_a_required_token_one_request_is_sent() -> None:
    asked: list[str] = []

    def answer(request: Request) -> Answer:
        asked.append(request.path)
        return Answer()

    with serving(answer) as address:
        assert image_of(f"{address.removeprefix('http://')}/tool:v1").outcome == Outcome.RIGHT
    assert asked == ["/v2/tool/manifests/v1"]


def test_the_registry_of_docker_hub_has_another_host() -> None:
    assert (
        module_under_test.manifest("docker.io/grafana/grafana:1")
        == "http://registry-1.docker.io/v2/grafana/grafana/manifests/1"
    )
    assert module_under_test.manifest("quay.io/prometheus/x:v1") == "http://quay.io/v2/prometheus/x/manifests/v1"
