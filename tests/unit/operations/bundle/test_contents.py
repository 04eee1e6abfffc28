"""The content of a bundle, compared with CodeDeploy's documentation and the environment; its zip."""

import io
import re
import shlex
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.synthesized import stacks
from tests.unit.copies import run_python
from tests.unit.operations.bundle.agent import LIFECYCLE, bundle
from tests.unit.operations.bundle.conftest import Case
from wealist.operations.bundle.contents import File, contents, pack
from wealist.spec.parameters import PLACEHOLDER

DOCUMENTED: Final = {
    "DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD",
    "REDIS_HOST", "REDIS_PORT", "REDIS_AUTH_TOKEN",
    "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET",
    "JWT_SECRET",
}  # fmt: skip
"""The variables of the architecture document, section 4."""
LONGEST_EVENT: Final = 3600
"""The longest total time of all scripts of one event, in seconds.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""


def appspec(case: Case) -> dict[str, Any]:
    return dict(yaml.safe_load(case.text("appspec.yml")))


def settings(case: Case) -> dict[str, str]:
    return dict(shlex.split(line)[0].split("=", 1) for line in case.text("settings.sh").splitlines())


def parameters(case: Case) -> dict[str, str]:
    return dict(line.split() for line in case.text("parameters.txt").splitlines())


def test_a_bundle_contains_exactly_the_expected_files(case: Case) -> None:
    assert set(case.files) == {
        "appspec.yml",
        "compose.yml",
        "parameters.txt",
        "settings.sh",
        "wealist.service",
        "wealist-images.service",
        "wealist-images.timer",
        *(
            f"scripts/{name}.sh"
            for name in (
                "after_install", "application_start", "application_stop", "before_install", "common", "environment",
                "remove_images", "start", "validate_service",
            )
        ),
    }  # fmt: skip


def test_the_appspec_has_the_documented_structure(case: Case) -> None:
    # https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html#server-appspec-structure
    found = appspec(case)
    assert set(found) <= {"version", "os", "files", "file_exists_behavior", "permissions", "hooks"}
    assert (found["version"], found["os"]) == (0.0, "linux")
    assert found["file_exists_behavior"] in {"DISALLOW", "OVERWRITE", "RETAIN"}
    assert all(set(item) == {"source", "destination"} for item in found["files"])
    for event, hooks in found["hooks"].items():
        assert LIFECYCLE[event], f"{event} cannot have scripts"
        assert all(set(hook) == {"location", "timeout", "runas"} for hook in hooks)
        assert 0 < sum(hook["timeout"] for hook in hooks) <= LONGEST_EVENT


def test_each_event_runs_its_script(case: Case) -> None:
    assert {event: [hook["location"] for hook in hooks] for event, hooks in appspec(case)["hooks"].items()} == {
        "ApplicationStop": ["scripts/application_stop.sh"],
        "BeforeInstall": ["scripts/before_install.sh"],
        "AfterInstall": ["scripts/after_install.sh"],
        "ApplicationStart": ["scripts/application_start.sh"],
        "ValidateService": ["scripts/validate_service.sh"],
    }


def test_root_runs_executable_scripts_of_the_bundle(case: Case) -> None:
    for hooks in appspec(case)["hooks"].values():
        for hook in hooks:
            assert case.files[hook["location"]].executable
            assert hook["runas"] == "root"


def test_each_service_has_its_own_installation_folder(case: Case) -> None:
    folder = f"/home/ec2-user/app/{case.service.full_name}"
    assert appspec(case)["files"] == [{"source": "/", "destination": folder}]
    assert f"ExecStart={folder}/scripts/start.sh\n" in case.text("wealist.service")


def test_the_health_check_has_the_documented_wait_and_the_services_time_limit(case: Case) -> None:
    assert settings(case)["START_SECONDS"] == "30"
    assert settings(case)["HEALTHY_WITHIN_SECONDS"] == {"user": "180", "board": "60"}[case.service.name]


@pytest.mark.parametrize("seconds", [45, 600, 2040])
def test_the_time_limit_of_the_validation_exceeds_that_of_the_service(case: Case, seconds: int) -> None:
    service = case.service.model_copy(update={"start_seconds": 7, "healthy_within_seconds": seconds})
    changed = case._replace(files=contents(case.config, service, "v1"))
    assert (settings(changed)["START_SECONDS"], settings(changed)["HEALTHY_WITHIN_SECONDS"]) == ("7", str(seconds))
    timeouts = {event: hooks[0]["timeout"] for event, hooks in appspec(changed)["hooks"].items()}
    # 5 seconds for a last request, 30 for the log of an unhealthy service.
    assert timeouts["ValidateService"] >= seconds + 5 + 30
    assert timeouts == service.hook_seconds
    assert sum(timeouts.values()) == service.deployment_seconds <= LONGEST_EVENT


def test_the_unit_starts_at_boot_after_docker(case: Case) -> None:
    unit = case.text("wealist.service")
    assert "Requires=docker.service\n" in unit
    assert re.search(r"^After=docker\.service ", unit, re.MULTILINE)
    assert "WantedBy=multi-user.target\n" in unit
    assert f"ExecStop=/usr/bin/docker compose --project-name {case.service.full_name} down" in unit
    # The console output is available after the instance is terminated.
    assert unit.count("=journal+console\n") == 2


def test_the_settings_have_the_values_of_the_service(case: Case) -> None:
    found = settings(case)
    registry = "290008131187.dkr.ecr.ap-northeast-2.amazonaws.com"
    assert found["SERVICE"] == case.service.full_name
    assert found["IMAGE"] == f"{registry}/wealist-{case.config.name}-{case.service.full_name}:v1"
    assert (found["PORT"], found["HEALTH_PATH"]) == (str(case.service.port), case.service.health_path)
    assert found["PLACEHOLDER"] == PLACEHOLDER


def test_the_liveness_path_does_not_change_the_health_check_of_a_deployment(case: Case) -> None:
    service = case.service.model_copy(update={"liveness_path": "/live"})
    assert settings(case._replace(files=contents(case.config, service, "v1"))) == settings(case)


def test_every_variable_has_a_parameter_of_the_environment(case: Case) -> None:
    made = {parameter["name"] for parameter in stacks()[case.config.name].all("aws_ssm_parameter")}
    found = parameters(case)
    assert set(found) == DOCUMENTED
    assert set(found.values()) <= made
    assert len(set(found.values())) == len(found)


def test_a_bundle_does_not_mention_other_services(case: Case) -> None:
    (other,) = (service for service in case.config.services if service is not case.service)
    assert [name for name in parameters(case).values() if f"/{other.name}_" in name] == []
    assert [path for path in case.files if re.search(rf"\b{other.full_name}\b", case.text(path))] == []


def test_the_compose_file_requires_only_available_variables(case: Case) -> None:
    compose = yaml.safe_load(case.text("compose.yml"))
    used = re.findall(r"\$\{(\w+)(.*?)\}", str(compose))
    assert {suffix for _, suffix in used} == {":?"}
    # The scripts set INSTANCE.
    assert {name for name, _ in used} <= set(settings(case)) | set(parameters(case)) | {"INSTANCE"}
    assert set(re.findall(r"\$\{?(\w+)", str(compose))) == {name for name, _ in used}


def test_the_container_has_the_documented_variables_and_restricts_actuator(case: Case) -> None:
    (service,) = yaml.safe_load(case.text("compose.yml"))["services"].values()
    actuator = {
        "MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE": "health,prometheus",
        "MANAGEMENT_ENDPOINT_HEALTH_PROBES_ENABLED": "true",
    }
    assert service["environment"] == {name: f"${{{name}:?}}" for name in DOCUMENTED} | actuator


def test_the_service_is_published_on_its_own_port(case: Case) -> None:
    (service,) = yaml.safe_load(case.text("compose.yml"))["services"].values()
    assert service["ports"] == ["${PORT:?}:${PORT:?}"]


def test_logs_are_sent_to_cloudwatch_without_blocking_the_service(case: Case) -> None:
    # https://docs.docker.com/engine/logging/configure/#configure-the-delivery-mode-of-log-messages-from-container-to-log-driver
    (service,) = yaml.safe_load(case.text("compose.yml"))["services"].values()
    logging = service["logging"]
    assert (logging["driver"], logging["options"]["mode"]) == ("awslogs", "non-blocking")
    assert logging["options"]["awslogs-group"] == "${LOG_GROUP:?}"
    assert settings(case)["LOG_GROUP"] == f"/wealist/{case.config.name}/{case.service.full_name}"


def test_docker_does_not_start_the_container_at_boot_with_old_values(case: Case) -> None:
    # https://docs.docker.com/engine/containers/start-containers-automatically/#use-a-restart-policy
    (service,) = yaml.safe_load(case.text("compose.yml"))["services"].values()
    assert service["restart"] == "on-failure"


def test_scripts_do_not_log_in_to_the_registry(case: Case) -> None:
    # Docker would pass the token to the credential helper, which cannot store one (ADR 0018).
    assert [path for path in case.files if re.search("docker login|get-login-password", case.text(path))] == []


def test_the_zip_does_not_depend_on_the_order_of_files() -> None:
    one, other = File(b"1"), File(b"2", executable=True)
    assert pack({"a": one, "b/c": other}) == pack({"b/c": other, "a": one})


@pytest.mark.integration
def test_the_zip_does_not_depend_on_time_umask_folder_or_hash_seed(tmp_path: Path) -> None:
    written = set()
    for number, umask in enumerate((0o022, 0o077)):
        program = f"import os, sys; os.umask({umask}); sys.argv[0] = 'wealist'; from wealist.cli import main; main()"
        out = tmp_path / str(number) / "bundle.zip"
        done = run_python(
            "-c", program, "bundle", "prod", "user-service", "--out", str(out),
            environment={"PYTHONHASHSEED": str(number), "TZ": ("UTC", "Asia/Seoul")[number]},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        written.add(out.read_bytes())
    assert written == {bundle()}


def test_only_scripts_are_executable() -> None:
    with zipfile.ZipFile(io.BytesIO(bundle())) as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert modes == {path: 0o100755 if path.startswith("scripts/") else 0o100644 for path in modes}


def test_entries_are_sorted_uncompressed_and_have_a_constant_time() -> None:
    with zipfile.ZipFile(io.BytesIO(bundle())) as archive:
        assert {(entry.compress_type, entry.date_time) for entry in archive.infolist()} == {
            (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0))
        }
        assert [entry.filename for entry in archive.infolist()] == sorted(archive.namelist())
        assert archive.testzip() is None


def test_image_environment_and_service_change_the_bundle() -> None:
    bundles = {bundle(), bundle(image_tag="v2"), bundle(environment="dev"), bundle("board-service")}
    assert len(bundles) == 4
