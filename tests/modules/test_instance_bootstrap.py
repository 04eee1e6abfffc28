"""The scripts that instances boot with: complete, pinned, free of secrets, small enough, and correct shell."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import hcl2
import pytest

from wealist.toolkit.module_contract import ModuleContractError, check_module_call, module_outputs

MODULE: Final = Path(__file__).parents[2] / "modules/instance_bootstrap"
EC2_LIMIT: Final = 16_384
SHELLCHECK: Final = shutil.which("shellcheck")

every_script = pytest.mark.parametrize(
    "call", ["backend/amazon_linux_2", "backend/al2023", "monitoring/amazon_linux_2", "monitoring/al2023"]
)
integration = pytest.mark.integration


def test_the_module_makes_nothing_but_text() -> None:
    plain = hcl2.SerializationOptions(with_comments=False)
    documents = [hcl2.loads(file.read_text(), serialization_options=plain) for file in MODULE.glob("*.tf")]
    assert {kind for document in documents for kind in document} <= {"terraform", "variable", "locals", "output"}


def test_callers_get_the_script_plain_and_in_base64() -> None:
    assert module_outputs(MODULE) == {"user_data", "user_data_base64"}


def test_a_call_says_what_the_instance_is_and_where() -> None:
    with pytest.raises(ModuleContractError) as caught:
        check_module_call(MODULE, {})
    assert {problem.split(":")[0] for problem in caught.value.problems} == {
        "name_prefix",
        "environment",
        "region",
        "role",
        "operating_system",
        "ecr_registry",
        "services",
    }


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
@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed")
@every_script
def test_shellcheck_finds_nothing(scripts: dict[str, str], call: str) -> None:
    argv = [str(SHELLCHECK), "--shell=bash", "-"]
    done = subprocess.run(argv, input=scripts[call], text=True, capture_output=True, check=False)
    assert done.stdout == ""


@integration
@every_script
def test_a_script_stops_at_the_first_failure(scripts: dict[str, str], call: str) -> None:
    shebang, *lines = scripts[call].splitlines()
    assert shebang == "#!/bin/bash"
    assert "set -Eeuo pipefail" in lines[:3]


@integration
@every_script
def test_packages_come_by_the_command_of_the_operating_system(scripts: dict[str, str], call: str) -> None:
    managers = set(re.findall(r"^ *retry (yum|dnf|amazon-linux-extras) ", scripts[call], re.MULTILINE))
    assert managers == ({"dnf"} if call.endswith("al2023") else {"yum", "amazon-linux-extras"})


@integration
@every_script
def test_nothing_is_downloaded_in_the_clear(scripts: dict[str, str], call: str) -> None:
    addresses = re.findall(r"http://[^\s\"]+", scripts[call])
    assert [address for address in addresses if not re.match(r"http://(127\.0\.0\.1|prometheus):", address)] == []
    assert "--proto '=https'" in scripts[call]


@integration
@every_script
def test_every_download_is_pinned(scripts: dict[str, str], call: str) -> None:
    script = re.sub("^ *#.*", "", scripts[call], flags=re.MULTILINE)
    assert "latest" not in script
    images = re.findall(r"[a-z.]+/[a-z]+/[a-z]+:\S+", script.replace('"', " "))
    assert images
    assert [image for image in images if not re.search(r":v?\d+\.\d+\.\d+(-alpine)?$", image)] == []


@integration
@every_script
def test_a_script_holds_no_secret(scripts: dict[str, str], call: str) -> None:
    # Words such as keys and generated passwords are: long, and of capitals, small letters and digits.
    long_words = re.findall(r"[A-Za-z0-9+]{16,}", scripts[call])
    assert [word for word in long_words if all(re.search(kind, word) for kind in ("[A-Z]", "[a-z]", "[0-9]"))] == []
    # Whatever is called a password is the file that the instance fills by itself.
    named = re.findall(r"(?i)password\w*\"?[=:] *\"?([^\s\"]+)", scripts[call])
    assert [value for value in named if not re.fullmatch(r"(\./|/run/)?secrets/grafana.admin.password", value)] == []


@integration
@pytest.mark.parametrize("system", ["amazon_linux_2", "al2023"])
def test_the_backend_is_made_of_the_four_documented_parts(scripts: dict[str, str], system: str) -> None:
    script = scripts[f"backend/{system}"]
    steps = re.findall(r'^step "([A-Za-z ]+)', script, re.MULTILINE)
    assert [step.strip() for step in steps] == [
        "Docker",
        "Docker Compose",
        "ECR credential helper",
        "Health servers",
        # The document's second part comes last: the agent deploys as soon as it runs.
        "CodeDeploy agent",
        "ready for the first deployment",
    ]
    assert "https://aws-codedeploy-ap-northeast-2.s3.ap-northeast-2.amazonaws.com/releases/" in script
    assert "health_server user-service 8080 /api/users/actuator/health\n" in script
    assert "health_server board-service 8000 /api/boards/health\n" in script


@integration
def test_prometheus_finds_the_instances_of_every_service_by_their_tags(files: dict[str, Any]) -> None:
    own, *jobs = files["prometheus"]["scrape_configs"]
    assert own["job_name"] == "prometheus"
    found = {
        job["job_name"]: (job["metrics_path"], discovery["port"], discovery["region"])
        for job in jobs
        for discovery in job["ec2_sd_configs"]
    }
    assert found == {
        "user-service": ("/api/users/actuator/prometheus", 8080, "ap-northeast-2"),
        "board-service": ("/api/boards/metrics", 8000, "ap-northeast-2"),
    }
    for job in jobs:
        filters = {item["name"]: item["values"] for item in job["ec2_sd_configs"][0]["filters"]}
        assert filters == {
            "tag:Role": ["backend"],
            "tag:Environment": ["prod"],
            "instance-state-name": ["running"],
        }


@integration
def test_grafana_answers_behind_the_load_balancers_path(files: dict[str, Any]) -> None:
    grafana = files["compose"]["services"]["grafana"]
    assert grafana["ports"] == ["3001:3000"]
    assert grafana["environment"]["GF_SERVER_SERVE_FROM_SUB_PATH"] == "true"
    assert grafana["environment"]["GF_SERVER_ROOT_URL"].endswith("/monitoring/")


@integration
def test_grafanas_metrics_are_not_open_to_the_internet(files: dict[str, Any]) -> None:
    assert files["compose"]["services"]["grafana"]["environment"]["GF_METRICS_ENABLED"] == "false"


@integration
def test_prometheus_listens_on_the_instance_alone(files: dict[str, Any]) -> None:
    assert files["compose"]["services"]["prometheus"]["ports"] == ["127.0.0.1:9090:9090"]


@integration
def test_metrics_and_dashboards_outlive_their_containers(files: dict[str, Any]) -> None:
    compose = files["compose"]
    assert set(compose["volumes"]) == {"prometheus-data", "grafana-data"}
    assert "prometheus-data:/prometheus" in compose["services"]["prometheus"]["volumes"]
    assert "grafana-data:/var/lib/grafana" in compose["services"]["grafana"]["volumes"]


@integration
def test_grafana_has_prometheus_as_its_data_source(files: dict[str, Any]) -> None:
    (source,) = files["grafana-source"]["datasources"]
    assert (source["type"], source["url"], source["isDefault"]) == ("prometheus", "http://prometheus:9090", True)
