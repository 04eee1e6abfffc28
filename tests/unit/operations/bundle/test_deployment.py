"""Whole deployments, hook by hook: each step, and how each failure ends."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.unit.operations.bundle.agent import Agent, bundle

pytestmark = pytest.mark.integration

APP: Final = "home/ec2-user/app/user-service"


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    """An instance that is ready for its first deployment of a service that will be healthy."""
    agent = Agent(tmp_path)
    agent.parameters()
    agent.instance.put("temporary", "0123456789ab\n")
    agent.instance.put("health", "200")
    return agent


def test_a_first_deployment_runs_every_documented_step_in_order(agent: Agent) -> None:
    assert agent.deploy(bundle()) is None, agent.said
    # Nothing was there to be stopped.
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


def test_a_second_deployment_stops_the_first_and_ends_in_the_same_way(agent: Agent) -> None:
    agent.deploy(bundle())
    before = agent.container()
    agent.ran.clear()
    assert agent.deploy(bundle()) is None, agent.said
    assert agent.ran == ["ApplicationStop", "BeforeInstall", "AfterInstall", "ApplicationStart", "ValidateService"]
    assert agent.container() == before


def test_the_new_version_replaces_every_file_of_the_old_one(agent: Agent) -> None:
    agent.deploy(bundle())
    left_over = agent.instance.put(f"{APP}/scripts/of_an_older_version.sh")
    agent.deploy(bundle(image_tag="v2"))
    assert not left_over.exists()
    assert agent.container() is not None
    assert agent.container()["IMAGE"].endswith("/wealist-prod-user-service:v2")  # type: ignore[index]  # asserted above


def test_the_services_log_is_kept_by_instance(agent: Agent) -> None:
    agent.instance.put("var/lib/cloud/data/instance-id", "i-0123456789abcdef0")
    assert agent.deploy(bundle()) is None
    assert (agent.container() or {})["INSTANCE"] == "i-0123456789abcdef0"


def test_the_container_gets_every_documented_variable_from_ssm(agent: Agent) -> None:
    values = agent.parameters()
    agent.deploy(bundle())
    container = agent.container() or {}
    assert {name: container[name] for name in values} == values


@pytest.mark.parametrize("broken", ["scripts/application_stop.sh", "scripts/common.sh", "settings.sh"])
def test_a_broken_old_version_does_not_keep_the_new_one_away(agent: Agent, broken: str) -> None:
    agent.deploy(bundle())
    (agent.instance.root / "opt/codedeploy-agent/deployment-root/1" / broken).write_text("exit 1\n")
    assert agent.deploy(bundle()) is None, agent.said
    stops = agent.instance.calls(r"^docker compose --project-name user-service down ")
    # The first deployment's, and the second's, of which the first was the broken script's.
    assert len(stops) == 2


def test_a_version_whose_files_are_gone_is_stopped_all_the_same(agent: Agent) -> None:
    agent.deploy(bundle())
    for file in (agent.instance.root / APP).rglob("*.*"):
        file.unlink()
    assert (
        agent.hook(
            agent.instance.root / "opt/codedeploy-agent/deployment-root/1", "scripts/application_stop.sh"
        ).returncode
        == 0
    )
    assert agent.container() is None


def test_an_instance_whose_bootstrap_failed_is_told_so(agent: Agent) -> None:
    agent.instance.put("no-compose")
    assert agent.deploy(bundle()) == "BeforeInstall"
    assert "wealist-bootstrap.log" in agent.said


def test_a_missing_parameter_fails_before_anything_is_started(agent: Agent) -> None:
    (agent.instance.root / "ssm/wealist/prod/jwt/jwt_secret").unlink()
    assert agent.deploy(bundle()) == "AfterInstall"
    assert "/wealist/prod/jwt/jwt_secret does not exist" in agent.said
    assert agent.instance.calls("pull|restart") == []


def test_an_image_that_is_missing_leaves_the_health_server_up(agent: Agent) -> None:
    agent.instance.put("no-image")
    assert agent.deploy(bundle(image_tag="nobody-pushed-it")) == "ApplicationStart"
    assert "wealist-prod-user-service:nobody-pushed-it: is it in the registry" in agent.said
    assert len(agent.instance.calls("^docker compose .* pull")) == 3
    assert agent.instance.calls("^docker rm|^systemctl restart") == []
    assert (agent.instance.root / "temporary").exists()


def test_a_container_that_does_not_start_is_told_with_the_units_own_words(agent: Agent) -> None:
    agent.instance.put("no-start")
    assert agent.deploy(bundle()) == "ApplicationStart"
    assert "the journal says why" in agent.said


@pytest.mark.parametrize("answer", ["503", "404", "000"])
def test_an_unhealthy_service_ends_the_deployment(agent: Agent, answer: str) -> None:
    agent.instance.put("health", answer)
    assert agent.deploy(bundle()) == "ValidateService"
    assert f"last answered {answer}" in agent.said
    assert agent.instance.calls("^docker logs --tail 30 user-service")


def test_only_the_health_server_of_the_own_port_goes(agent: Agent) -> None:
    agent.parameters("board-service")
    assert agent.deploy(bundle("board-service")) is None, agent.said
    assert agent.instance.calls("label=wealist.port=8000")
    assert agent.instance.calls("^docker rm") == []
    assert (agent.instance.root / "temporary").exists()


def test_two_services_are_deployed_without_touching_each_other(agent: Agent) -> None:
    agent.parameters("board-service")
    agent.deploy(bundle())
    own = {path: path.read_bytes() for path in (agent.instance.root / APP).rglob("*.*")}
    calls = len(agent.instance.calls())
    assert agent.deploy(bundle("board-service")) is None, agent.said
    assert {path: path.read_bytes() for path in (agent.instance.root / APP).rglob("*.*")} == own
    assert [call for call in agent.instance.calls()[calls:] if re.search("user-service|8080|user_db", call)] == []


def test_no_value_of_a_parameter_is_ever_printed(agent: Agent) -> None:
    agent.deploy(bundle())
    agent.instance.put("health", "503")
    agent.deploy(bundle())
    assert "value of" not in agent.said
    assert [call for call in agent.instance.calls() if "value of" in call] == []


def test_a_reboot_starts_the_service_with_the_values_of_then(agent: Agent) -> None:
    agent.deploy(bundle())
    # What is in memory, and the container, do not outlive a reboot; then systemd starts what was enabled.
    (agent.instance.root / "container").unlink()
    (agent.instance.root / "run/wealist/user-service.env").unlink()
    agent.set_parameter("db/user_db_password", "rotated")
    enabled = agent.instance.calls("^systemctl enable ")[-1].split()[-1]
    done = agent.instance.run("-c", f"systemctl restart {enabled}")
    assert done.returncode == 0, done.stderr
    assert (agent.container() or {})["DB_PASSWORD"] == "rotated"


def test_a_service_that_cannot_read_its_parameters_after_a_reboot_stays_down(agent: Agent) -> None:
    agent.deploy(bundle())
    (agent.instance.root / "container").unlink()
    agent.instance.put("failure", "Could not connect to the endpoint URL\n")
    done = agent.instance.run("-c", "systemctl restart wealist-user-service.service")
    assert done.returncode != 0
    assert "Could not connect to the endpoint URL" in done.stderr
    assert agent.container() is None
