"""The boot scripts: complete, pinned, without secrets, within the size limit, and correct shell."""

import re
import subprocess
from pathlib import Path
from typing import Final

import hcl2
import pytest

from tests.synthesized import stacks
from tests.tools import shellcheck

MODULE: Final = Path(__file__).parents[2] / "modules/instance_bootstrap"
EC2_LIMIT: Final = 16_384

every_script = pytest.mark.parametrize(
    "call", ["backend/amazon_linux_2", "backend/al2023", "monitoring/amazon_linux_2", "monitoring/al2023"]
)
integration = pytest.mark.integration


def test_the_module_has_no_resources() -> None:
    plain = hcl2.SerializationOptions(with_comments=False)
    documents = [hcl2.loads(file.read_text(), serialization_options=plain) for file in MODULE.glob("*.tf")]
    assert {kind for document in documents for kind in document} <= {"terraform", "variable", "locals", "output"}


@integration
@every_script
def test_a_script_fits_into_user_data(scripts: dict[str, str], call: str) -> None:
    assert len(scripts[call].encode()) < EC2_LIMIT


@integration
@every_script
def test_a_script_is_correct_bash(scripts: dict[str, str], call: str) -> None:
    done = subprocess.run(["bash", "-n"], input=scripts[call], text=True, capture_output=True, check=False)  # noqa: S607  # the bash on PATH
    assert (done.returncode, done.stderr) == (0, "")


@integration
@every_script
def test_shellcheck_finds_nothing(scripts: dict[str, str], call: str) -> None:
    assert shellcheck(stdin=scripts[call]) == ""


@integration
@every_script
def test_a_script_stops_at_the_first_failure(scripts: dict[str, str], call: str) -> None:
    shebang, *lines = scripts[call].splitlines()
    assert shebang == "#!/bin/bash"
    assert "set -Eeuo pipefail" in lines[:3]


@integration
@every_script
def test_packages_are_installed_by_the_command_of_the_operating_system(scripts: dict[str, str], call: str) -> None:
    managers = set(re.findall(r"^ *retry (yum|dnf|amazon-linux-extras) ", scripts[call], re.MULTILINE))
    assert managers == ({"dnf"} if call.endswith("al2023") else {"yum", "amazon-linux-extras"})


@integration
@every_script
def test_downloads_use_https(scripts: dict[str, str], call: str) -> None:
    addresses = re.findall(r"http://[^\s\"]+", scripts[call])
    assert [
        address for address in addresses if not re.match(r"http://(127\.0\.0\.1:|169\.254\.169\.254/latest/)", address)
    ] == []
    assert "--proto '=https'" in scripts[call]


@integration
@every_script
def test_every_download_is_pinned(scripts: dict[str, str], call: str) -> None:
    script = re.sub("^ *#.*", "", scripts[call], flags=re.MULTILINE)
    assert "latest" not in re.sub(r"/latest/(meta-data|api)/", "", script)
    images = re.findall(r"[a-z.]+\.(?:aws|io)/[a-z/-]+:\S+", script)
    assert images
    assert [image for image in images if not re.search(r":v?\d+\.\d+\.\d+(-alpine)?(@|$)", image)] == []


@integration
@every_script
def test_docker_compose_is_verified_by_its_checksum(scripts: dict[str, str], call: str) -> None:
    assert dict(re.findall(r"^ *(\w+)\) sum=([0-9a-f]{64}) ;;", scripts[call], re.MULTILINE)).keys() == {
        "x86_64",
        "aarch64",
    }
    installs = scripts[call].index('install -D -m 0755 "$downloads/$file" "$plugin"')
    assert scripts[call].index('has_sum "$downloads/$file"') < installs


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_images_have_an_architecture_with_a_pinned_docker_compose(environment: str) -> None:
    images = {template["image_id"] for template in stacks()[environment].all("aws_launch_template")}
    assert images
    assert [image for image in images if not re.search("x86_64|arm64", image)] == []


@integration
@pytest.mark.parametrize("system", ["amazon_linux_2", "al2023"])
def test_the_image_of_health_servers_is_pinned_by_digest(scripts: dict[str, str], system: str) -> None:
    images = set(re.findall(r"public\.ecr\.aws/\S+", scripts[f"backend/{system}"]))
    assert len(images) == 1
    assert re.search(r":1\.28\.0-alpine@sha256:[0-9a-f]{64}$", images.pop())


@integration
@every_script
def test_only_the_agent_comes_from_outside_amazon_linux(scripts: dict[str, str], call: str) -> None:
    script = re.sub("^ *#.*", "", scripts[call], flags=re.MULTILINE)
    installed = re.findall(r"(?:yum|dnf) install -y (.*)", script)
    outside = {word for line in installed for word in line.split() if "/" in word}
    assert outside == ({'"$downloads/$agent.rpm"'} if call.startswith("backend") else set())


@integration
@every_script
def test_a_script_holds_no_secret(scripts: dict[str, str], call: str) -> None:
    # Keys and generated passwords are long, with upper-case and lower-case letters and digits.
    long_words = re.findall(r"[A-Za-z0-9+]{16,}", scripts[call])
    assert [word for word in long_words if all(re.search(kind, word) for kind in ("[A-Z]", "[a-z]", "[0-9]"))] == []
    # The only password is the file that the instance generates.
    named = re.findall(r"(?i)password\w*\"?[=:] *\"?([^\s\"]+)", scripts[call])
    assert [value for value in named if not re.fullmatch(r"\$data/secrets/grafana-admin-password", value)] == []


@integration
@pytest.mark.parametrize("system", ["amazon_linux_2", "al2023"])
def test_the_backend_script_has_the_documented_parts_in_order(scripts: dict[str, str], system: str) -> None:
    script = scripts[f"backend/{system}"]
    steps = re.findall(r'^step "([A-Za-z ]+)', script, re.MULTILINE)
    assert [step.strip() for step in steps] == [
        "Docker",
        "Docker Compose",
        "Node metrics",
        "ECR credential helper",
        "Health servers",
        # The last successful revisions, for a new instance (ADR 56).
        "Last revisions",
        # The document's second part is the last, because the agent deploys as soon as it runs.
        "CodeDeploy agent",
        "ready for deployments",
    ]
    assert "https://aws-codedeploy-ap-northeast-2.s3.ap-northeast-2.amazonaws.com/releases/" in script
    assert "health_server user-service 8080 /api/users/actuator/health\n" in script
    assert "health_server board-service 8000 /api/boards/health\n" in script
