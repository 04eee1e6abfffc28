"""What is in a bundle: complete, of this environment and service alone, and held against what CodeDeploy documents."""

import re
import shlex
from typing import Any, Final

import pytest
import yaml

from tests.synthesized import stacks
from tests.unit.operations.bundle.agent import LIFECYCLE
from tests.unit.operations.bundle.conftest import Case
from wealist.operations.bundle.contents import contents
from wealist.spec.parameters import PLACEHOLDER

DOCUMENTED: Final = {
    "DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD",
    "REDIS_HOST", "REDIS_PORT", "REDIS_AUTH_TOKEN",
    "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET",
    "JWT_SECRET",
}  # fmt: skip
"""Section 4's variables."""
LONGEST_EVENT: Final = 3600
"""Seconds that all scripts of one event may take together.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""


def appspec(case: Case) -> dict[str, Any]:
    return dict(yaml.safe_load(case.text("appspec.yml")))


def settings(case: Case) -> dict[str, str]:
    return dict(shlex.split(line)[0].split("=", 1) for line in case.text("settings.sh").splitlines())


def parameters(case: Case) -> dict[str, str]:
    return dict(line.split() for line in case.text("parameters.txt").splitlines())


def test_a_bundle_holds_the_appspec_its_scripts_and_the_compose_file(case: Case) -> None:
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


def test_the_appspec_has_the_form_that_codedeploy_documents(case: Case) -> None:
    # https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html#server-appspec-structure
    found = appspec(case)
    assert set(found) <= {"version", "os", "files", "file_exists_behavior", "permissions", "hooks"}
    assert (found["version"], found["os"]) == (0.0, "linux")
    assert found["file_exists_behavior"] in {"DISALLOW", "OVERWRITE", "RETAIN"}
    assert all(set(item) == {"source", "destination"} for item in found["files"])
    for event, hooks in found["hooks"].items():
        assert LIFECYCLE[event], f"{event} can have no scripts"
        assert all(set(hook) == {"location", "timeout", "runas"} for hook in hooks)
        assert 0 < sum(hook["timeout"] for hook in hooks) <= LONGEST_EVENT


def test_the_appspec_runs_the_documented_script_at_each_documented_event(case: Case) -> None:
    assert {event: [hook["location"] for hook in hooks] for event, hooks in appspec(case)["hooks"].items()} == {
        "ApplicationStop": ["scripts/application_stop.sh"],
        "BeforeInstall": ["scripts/before_install.sh"],
        "AfterInstall": ["scripts/after_install.sh"],
        "ApplicationStart": ["scripts/application_start.sh"],
        "ValidateService": ["scripts/validate_service.sh"],
    }


def test_every_hook_is_a_script_of_the_bundle_that_root_runs(case: Case) -> None:
    for hooks in appspec(case)["hooks"].values():
        for hook in hooks:
            assert case.files[hook["location"]].executable
            assert hook["runas"] == "root"


def test_a_service_is_installed_into_a_folder_of_its_own_below_the_documented_one(case: Case) -> None:
    folder = f"/home/ec2-user/app/{case.service.full_name}"
    assert appspec(case)["files"] == [{"source": "/", "destination": folder}]
    assert f"ExecStart={folder}/scripts/start.sh\n" in case.text("wealist.service")


def test_a_service_is_first_asked_after_the_documented_wait_and_has_its_own_time(case: Case) -> None:
    assert settings(case)["START_SECONDS"] == "30"
    assert settings(case)["HEALTHY_WITHIN_SECONDS"] == {"user": "180", "board": "60"}[case.service.name]


@pytest.mark.parametrize("seconds", [45, 600, 2040])
def test_validation_has_longer_than_the_service_has(case: Case, seconds: int) -> None:
    service = case.service.model_copy(update={"start_seconds": 7, "healthy_within_seconds": seconds})
    changed = case._replace(files=contents(case.config, service, "v1"))
    assert (settings(changed)["START_SECONDS"], settings(changed)["HEALTHY_WITHIN_SECONDS"]) == ("7", str(seconds))
    timeouts = {event: hooks[0]["timeout"] for event, hooks in appspec(changed)["hooks"].items()}
    # A last question, and the log of a service that is not healthy.
    assert timeouts["ValidateService"] >= seconds + 5 + 30
    assert timeouts == service.hook_seconds
    assert sum(timeouts.values()) == service.deployment_seconds <= LONGEST_EVENT


def test_the_unit_starts_after_docker_and_with_the_instance(case: Case) -> None:
    unit = case.text("wealist.service")
    assert "Requires=docker.service\n" in unit
    assert re.search(r"^After=docker\.service ", unit, re.MULTILINE)
    assert "WantedBy=multi-user.target\n" in unit
    assert f"ExecStop=/usr/bin/docker compose --project-name {case.service.full_name} down" in unit
    # The console outlives the instance.
    assert unit.count("=journal+console\n") == 2


def test_the_settings_are_those_of_the_service(case: Case) -> None:
    found = settings(case)
    registry = "290008131187.dkr.ecr.ap-northeast-2.amazonaws.com"
    assert found["SERVICE"] == case.service.full_name
    assert found["IMAGE"] == f"{registry}/wealist-{case.config.name}-{case.service.full_name}:v1"
    assert (found["PORT"], found["HEALTH_PATH"]) == (str(case.service.port), case.service.health_path)
    assert found["PLACEHOLDER"] == PLACEHOLDER


def test_a_deployment_asks_the_full_health_whatever_the_load_balancer_asks(case: Case) -> None:
    service = case.service.model_copy(update={"liveness_path": "/live"})
    assert settings(case._replace(files=contents(case.config, service, "v1"))) == settings(case)


def test_every_documented_variable_is_read_from_a_parameter_that_the_environment_makes(case: Case) -> None:
    made = {parameter["name"] for parameter in stacks()[case.config.name].all("aws_ssm_parameter")}
    found = parameters(case)
    assert set(found) == DOCUMENTED
    assert set(found.values()) <= made
    assert len(set(found.values())) == len(found)


def test_a_service_reads_nothing_of_the_other_ones(case: Case) -> None:
    (other,) = (service for service in case.config.services if service is not case.service)
    assert [name for name in parameters(case).values() if f"/{other.name}_" in name] == []
    assert [path for path in case.files if re.search(rf"\b{other.full_name}\b", case.text(path))] == []


def test_every_variable_of_the_compose_file_is_provided_and_required(case: Case) -> None:
    compose = yaml.safe_load(case.text("compose.yml"))
    used = re.findall(r"\$\{(\w+)(.*?)\}", str(compose))
    assert {suffix for _, suffix in used} == {":?"}
    # Which instance it is, the scripts find out.
    assert {name for name, _ in used} <= set(settings(case)) | set(parameters(case)) | {"INSTANCE"}
    assert set(re.findall(r"\$\{?(\w+)", str(compose))) == {name for name, _ in used}


def test_the_container_gets_the_documented_variables_and_what_closes_actuator_but_for_liveness(case: Case) -> None:
    (service,) = yaml.safe_load(case.text("compose.yml"))["services"].values()
    actuator = {
        "MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE": "health,prometheus",
        "MANAGEMENT_ENDPOINT_HEALTH_PROBES_ENABLED": "true",
    }
    assert service["environment"] == {name: f"${{{name}:?}}" for name in DOCUMENTED} | actuator


def test_the_service_answers_on_its_own_port_of_the_instance(case: Case) -> None:
    (service,) = yaml.safe_load(case.text("compose.yml"))["services"].values()
    assert service["ports"] == ["${PORT:?}:${PORT:?}"]


def test_what_the_service_logs_leaves_the_instance_and_never_holds_the_service_up(case: Case) -> None:
    # https://docs.docker.com/engine/logging/configure/#configure-the-delivery-mode-of-log-messages-from-container-to-log-driver
    (service,) = yaml.safe_load(case.text("compose.yml"))["services"].values()
    logging = service["logging"]
    assert (logging["driver"], logging["options"]["mode"]) == ("awslogs", "non-blocking")
    assert logging["options"]["awslogs-group"] == "${LOG_GROUP:?}"
    assert settings(case)["LOG_GROUP"] == f"/wealist/{case.config.name}/{case.service.full_name}"


def test_docker_does_not_start_it_at_boot_with_values_of_before(case: Case) -> None:
    # https://docs.docker.com/engine/containers/start-containers-automatically/#use-a-restart-policy
    (service,) = yaml.safe_load(case.text("compose.yml"))["services"].values()
    assert service["restart"] == "on-failure"


def test_nobody_logs_in_to_the_registry(case: Case) -> None:
    # Docker would hand the token to the credential helper, which stores none (ADR 0018).
    assert [path for path in case.files if re.search("docker login|get-login-password", case.text(path))] == []


def test_only_scripts_may_be_executed(case: Case) -> None:
    assert {path for path, file in case.files.items() if file.executable} == {
        path for path in case.files if path.startswith("scripts/")
    }
