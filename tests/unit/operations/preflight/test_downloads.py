"""What instances download at their first start is asked for where modules pin it."""

import json
import threading
from pathlib import Path

import pytest

from tests.loopback import Answer, Request, serving
from tests.unit.operations.preflight.conftest import subject
from wealist.model.module import Module, find
from wealist.operations import web
from wealist.operations.preflight import downloads as looking
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


def test_a_file_is_asked_for_by_its_version_and_for_each_kind_of_machine(module: Module) -> None:
    assert files(module) == {
        "https://example.com/v1.2.3/tool-x86_64",
        "https://example.com/v1.2.3/tool-aarch64",
        "https://files.ap-northeast-2.example.com/agent-1.2.3.noarch.rpm",
    }
    assert images(module) == {"registry.example/tools/tool:v1@sha256:abc", "registry.example/other:v2"}


def test_a_module_that_pins_no_sum_asks_for_its_files_all_the_same() -> None:
    script = 'fetch "https://example.com/tool" "$downloads/tool"'
    assert files(Module("./modules/test", {"main.tf": "locals {}", "start.sh": script})) == {"https://example.com/tool"}


def test_every_fetch_of_the_modules_leads_to_a_whole_address() -> None:
    for folder in sorted((ROOT / "modules").iterdir()):
        found = find(f"./modules/{folder.name}", Path("nowhere"))
        assert found
        fetched = sum(text.count('fetch "') for text in found.texts.values())
        assert len(files(found)) >= fetched
        assert not [address for address in files(found) if "$" in address]


def test_an_environment_asks_for_what_its_modules_pin_each_once() -> None:
    names = [check.what for check in downloads(subject())]
    assert len(names) == len(set(names))
    assert {name.split()[0] for name in names} == {"download", "image"}


# --- asking -----------------------------------------------------------------------------------------------------------


def file_at(address: str) -> Row:
    return run(Check("file", "there", "pin another", lambda: looking.file(address)))


def image_of(name: str) -> Row:
    return run(Check(name, "there", "pin another", lambda: looking.image(name)))


@pytest.mark.parametrize(
    ("status", "outcome", "found"),
    [
        (200, Outcome.RIGHT, "there"),
        (404, Outcome.WRONG, "404 Not Found"),
        (403, Outcome.WRONG, "403 Forbidden"),
    ],
)
def test_a_file_is_there_or_not(status: int, outcome: Outcome, found: str) -> None:
    with serving(lambda _: Answer(b"content", status)) as address:
        row = file_at(f"{address}/file")
    assert (row.outcome, row.found) == (outcome, found)


def test_a_redirect_is_followed() -> None:
    with (
        serving(lambda _: Answer(b"content")) as elsewhere,
        serving(lambda _: Answer(b"", 302, {"Location": elsewhere})) as address,
    ):
        assert file_at(f"{address}/file").outcome == Outcome.RIGHT


@pytest.mark.usefixtures("immediate_retries")
def test_a_server_that_is_down_or_slow_says_nothing_about_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
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
    """A registry that gives everybody a token, as Docker Hub, Quay and ECR Public do."""

    def __init__(self, *held: str, key: str = "token") -> None:
        self._held, self._key = held, key

    def __call__(self, request: Request) -> Answer:
        if request.path == "/token":
            assert request.query["scope"].startswith("repository:")
            return Answer(json.dumps({self._key: "for everybody"}).encode())
        if request.headers.get("Authorization") != "Bearer for everybody":
            realm = f"http://{request.headers['Host']}/token"
            challenge = f'Bearer realm="{realm}",service="registry",scope="repository:x:pull"'
            return Answer(b"", 401, {"WWW-Authenticate": challenge})
        assert "application/vnd.oci.image.index.v1+json" in request.headers["Accept"]
        return Answer(b"", 200 if request.path in self._held else 404)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback has no certificate."""
    monkeypatch.setattr(looking, "SCHEME", "http")


@pytest.mark.parametrize("key", ["token", "access_token"])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("tools/tool:v1@sha256:abc", "/v2/tools/tool/manifests/sha256:abc"),
        ("other:v2", "/v2/other/manifests/v2"),
    ],
)
def test_an_image_is_asked_for_by_digest_or_tag_with_everybodys_token(name: str, path: str, key: str) -> None:
    with serving(Registry(path, key=key)) as address:
        assert image_of(f"{address.removeprefix('http://')}/{name}").outcome == Outcome.RIGHT
        row = image_of(f"{address.removeprefix('http://')}/gone:v1")
    assert (row.outcome, row.found) == (Outcome.WRONG, "404 Not Found")


def test_an_image_that_needs_no_token_is_asked_for_once() -> None:
    asked: list[str] = []

    def answer(request: Request) -> Answer:
        asked.append(request.path)
        return Answer()

    with serving(answer) as address:
        assert image_of(f"{address.removeprefix('http://')}/tool:v1").outcome == Outcome.RIGHT
    assert asked == ["/v2/tool/manifests/v1"]


def test_docker_hubs_images_are_asked_of_its_registry() -> None:
    assert (
        looking.manifest("docker.io/grafana/grafana:1") == "http://registry-1.docker.io/v2/grafana/grafana/manifests/1"
    )
    assert looking.manifest("quay.io/prometheus/x:v1") == "http://quay.io/v2/prometheus/x/manifests/v1"
