"""Complete deployments by a fake agent: their steps and failures."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.unit.operations.bundle.agent import Agent, bundle

pytestmark = pytest.mark.integration

APP: Final = "home/ec2-user/app/user-service"


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    """An instance before its first deployment; the service will be healthy."""
    agent = Agent(tmp_path)
    agent.parameters()
    agent.instance.put("temporary", "0123456789ab\n")
    agent.instance.put("health", "200")
    return agent


def test_a_first_deployment_runs_all_steps_in_order(agent: Agent) -> None:
    assert agent.deploy(bundle()) is None, agent.output
    # Without ApplicationStop.
    assert agent.ran == ["BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService"]
    wanted = [
        r"docker compose --project-name user-service down ",
        r"systemctl daemon-reload",
        r"docker compose --project-name user-service --file \S+/app/user-service/compose.yml pull",
        r"docker rm --force 0123456789ab",
        r"systemctl enable wealist-user-service.service",
        r"systemctl restart wealist-user-service.service",
        r"docker compose --project-name user-service --file \S+/app/user-service/compose.yml up --detach",
        r"curl .*http://127.0.0.1:8080/api/users/actuator/health",
    ]
    calls = agent.instance.calls()
    found = [next(number for number, call in enumerate(calls) if re.match(each, call)) for each in wanted]
    assert found == sorted(found), calls


def test_a_second_deployment_replaces_the_first(agent: Agent) -> None:
    agent.deploy(bundle())
    before = agent.container()
    agent.ran.clear()
    assert agent.deploy(bundle()) is None, agent.output
    assert agent.ran == ["ApplicationStop", "BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService"]
    assert agent.container() == before


def test_files_of_the_old_version_are_deleted(agent: Agent) -> None:
    agent.deploy(bundle())
    left_over = agent.instance.put(f"{APP}/scripts/of_an_older_version.sh")
    agent.deploy(bundle(image_tag="v2"))
    assert not left_over.exists()
    assert agent.container() is not None
    assert agent.container()["IMAGE"].endswith("/wealist-prod-user-service:v2")  # type: ignore[index]  # asserted above


def test_the_container_knows_the_instance_id(agent: Agent) -> None:
    agent.instance.put("var/lib/cloud/data/instance-id", "i-0123456789abcdef0")
    assert agent.deploy(bundle()) is None
    assert (agent.container() or {})["INSTANCE"] == "i-0123456789abcdef0"


def test_the_container_has_every_variable_from_ssm(agent: Agent) -> None:
    values = agent.parameters()
    agent.deploy(bundle())
    container = agent.container() or {}
    assert {name: container[name] for name in values} == values


@pytest.mark.parametrize("broken", ["scripts/application_stop.sh", "scripts/common.sh", "settings.sh"])
def test_a_broken_old_version_does_not_prevent_a_deployment(agent: Agent, broken: str) -> None:
    agent.deploy(bundle())
    (agent.instance.root / "opt/codedeploy-agent/deployment-root/1" / broken).write_text("exit 1\n")
    assert agent.deploy(bundle()) is None, agent.output
    stops = agent.instance.calls(r"^docker compose --project-name user-service down ")
    # One per deployment: the broken ApplicationStop ran none.
    assert len(stops) == 2


def test_a_version_without_its_files_can_be_stopped(agent: Agent) -> None:
    agent.deploy(bundle())
    for file in (agent.instance.root / APP).rglob("*.*"):
        file.unlink()
    archive = agent.instance.root / "opt/codedeploy-agent/deployment-root/1"
    assert agent.hook(archive, "scripts/application_stop.sh").returncode == 0
    assert agent.container() is None


def test_a_failed_bootstrap_is_reported(agent: Agent) -> None:
    agent.instance.put("no-compose")
    assert agent.deploy(bundle()) == "BeforeInstall"
    assert "wealist-bootstrap.log" in agent.output


def test_a_missing_parameter_fails_before_the_start(agent: Agent) -> None:
    (agent.instance.root / "ssm/wealist/prod/jwt/jwt_secret").unlink()
    assert agent.deploy(bundle()) == "AfterInstall"
    assert "/wealist/prod/jwt/jwt_secret does not exist" in agent.output
    assert agent.instance.calls("pull|restart") == []


def test_a_missing_image_leaves_the_temporary_health_server_running(agent: Agent) -> None:
    agent.instance.put("no-image")
    assert agent.deploy(bundle(image_tag="nobody-pushed-it")) == "ApplicationStart"
    assert "wealist-prod-user-service:nobody-pushed-it: is it in the registry" in agent.output
    assert len(agent.instance.calls("^docker compose .* pull")) == 3
    assert agent.instance.calls("^docker rm|^systemctl restart") == []
    assert (agent.instance.root / "temporary").exists()


def test_a_failed_start_is_reported_with_the_journal(agent: Agent) -> None:
    agent.instance.put("no-start")
    assert agent.deploy(bundle()) == "ApplicationStart"
    assert "the journal says why" in agent.output


@pytest.mark.parametrize("answer", ["503", "404", "000"])
def test_an_unhealthy_service_fails_the_deployment(agent: Agent, answer: str) -> None:
    agent.instance.put("health", answer)
    assert agent.deploy(bundle()) == "ValidateService"
    assert f"last answered {answer}" in agent.output
    assert agent.instance.calls("^docker logs --tail 30 user-service")


def test_only_the_temporary_health_server_of_the_own_port_is_removed(agent: Agent) -> None:
    agent.parameters("board-service")
    assert agent.deploy(bundle("board-service")) is None, agent.output
    assert agent.instance.calls("label=wealist.port=8000")
    assert agent.instance.calls("^docker rm") == []
    assert (agent.instance.root / "temporary").exists()


def test_the_deployment_of_a_service_does_not_change_the_other(agent: Agent) -> None:
    agent.parameters("board-service")
    agent.deploy(bundle())
    own = {path: path.read_bytes() for path in (agent.instance.root / APP).rglob("*.*")}
    calls = len(agent.instance.calls())
    assert agent.deploy(bundle("board-service")) is None, agent.output
    assert {path: path.read_bytes() for path in (agent.instance.root / APP).rglob("*.*")} == own
    assert [call for call in agent.instance.calls()[calls:] if re.search("user-service|8080|user_db", call)] == []


def test_values_of_parameters_are_not_printed(agent: Agent) -> None:
    agent.deploy(bundle())
    agent.instance.put("health", "503")
    agent.deploy(bundle())
    assert "value of" not in agent.output
    assert [call for call in agent.instance.calls() if "value of" in call] == []


def test_a_reboot_starts_the_service_with_current_values(agent: Agent) -> None:
    agent.deploy(bundle())
    # A reboot deletes /run and the container, and starts enabled units.
    (agent.instance.root / "container").unlink()
    (agent.instance.root / "run/wealist/user-service.env").unlink()
    agent.set_parameter("db/user_db_password", "rotated")
    enabled = agent.instance.calls("^systemctl enable ")[-1].split()[-1]
    done = agent.instance.run("-c", f"systemctl restart {enabled}")
    assert done.returncode == 0, done.stderr
    assert (agent.container() or {})["DB_PASSWORD"] == "rotated"


def test_a_service_is_not_started_after_a_reboot_without_its_parameters(agent: Agent) -> None:
    agent.deploy(bundle())
    (agent.instance.root / "container").unlink()
    agent.instance.put("failure", "Could not connect to the endpoint URL\n")
    done = agent.instance.run("-c", "systemctl restart wealist-user-service.service")
    assert done.returncode != 0
    assert "Could not connect to the endpoint URL" in done.stderr
    assert agent.container() is None
