"""The variables of a service are read from SSM into a file of root; all problems are reported."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.unit.operations.bundle.agent import Agent, bundle

pytestmark = pytest.mark.integration

VALUES: Final = "run/wealist/user-service.env"


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    """An instance with a deployed version."""
    agent = Agent(tmp_path)
    agent.parameters()
    agent.instance.put("health", "200")
    assert agent.deploy(bundle()) is None, agent.output
    return agent


def read(agent: Agent) -> int:
    """Read the parameters again. Return the exit code."""
    installed = agent.instance.root / "home/ec2-user/app/user-service"
    agent.output = ""
    return agent.hook(installed, "scripts/environment.sh").returncode


def start(agent: Agent) -> dict[str, str]:
    """Restart the service. Return the process environment of its container."""
    agent.instance.run("-c", "systemctl restart wealist-user-service.service")
    return agent.container() or {}


def test_only_root_can_read_the_file(agent: Agent) -> None:
    file = agent.instance.root / VALUES
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    # No temporary file is left.
    assert [each.name for each in file.parent.iterdir()] == ["user-service.env"]


def test_every_parameter_is_read_once_with_decryption(agent: Agent) -> None:
    agent.instance.put("calls")
    assert read(agent) == 0
    calls = agent.instance.calls("^aws ")
    assert all("--with-decryption" in call and "--region ap-northeast-2" in call for call in calls)
    names = [re.findall(r"--name (\S+)", call)[0] for call in calls]
    assert sorted(names) == sorted(set(names))
    assert len(names) == 11


@pytest.mark.parametrize(
    "value",
    [
        'it\'s "quoted"',
        "$HOME `id` $(id) ${PATH} \\ # ! & ; | * ?",
        "two\nlines\tand a tab",
        "  spaces on both sides  ",
        "비밀번호",
        "-n",
        "a=b=c",
    ],
)
def test_values_reach_the_container_unchanged(agent: Agent, value: str) -> None:
    agent.set_parameter("db/user_db_password", value)
    assert start(agent)["DB_PASSWORD"] == value


def test_a_changed_value_takes_effect_after_a_restart(agent: Agent) -> None:
    agent.set_parameter("cache/redis_auth_token", "rotated")
    assert start(agent)["REDIS_AUTH_TOKEN"] == "rotated"


def test_all_unusable_parameters_are_reported_together(agent: Agent) -> None:
    before = (agent.instance.root / VALUES).read_text()
    agent.set_parameter("oauth/google_client_id", "unset")
    agent.set_parameter("oauth/google_client_secret", "unset")
    (agent.instance.root / "ssm/wealist/prod/db/port").unlink()
    agent.instance.put("denied/wealist/prod/jwt/jwt_secret")
    assert read(agent) == 1
    assert '/wealist/prod/oauth/google_client_id still holds the placeholder "unset"' in agent.output
    assert '/wealist/prod/oauth/google_client_secret still holds the placeholder "unset"' in agent.output
    assert "/wealist/prod/db/port does not exist" in agent.output
    assert (
        "/wealist/prod/jwt/jwt_secret may not be read by the instance's role: An error occurred (Access" in agent.output
    )
    assert "4 of its parameters cannot be used; the service is not started" in agent.output
    # The values of the running service do not change.
    assert (agent.instance.root / VALUES).read_text() == before
    assert [each.name for each in (agent.instance.root / "run/wealist").iterdir()] == ["user-service.env"]


@pytest.mark.parametrize(
    "failure",
    [
        "An error occurred (ThrottlingException) when calling the GetParameter operation: Rate exceeded",
        'Could not connect to the endpoint URL: "https://ssm.ap-northeast-2.amazonaws.com/"',
        "Unable to locate credentials. You can configure credentials by running aws configure",
    ],
)
def test_a_general_failure_ends_the_script_at_the_first_call(agent: Agent, failure: str) -> None:
    agent.instance.put("calls")
    agent.instance.put("failure", f"{failure}\n")
    assert read(agent) == 1
    assert failure in agent.output
    assert len(agent.instance.calls("^aws ")) == 1


def test_the_aws_cli_retries_throttling_and_instance_metadata(agent: Agent) -> None:
    agent.instance.stand_in("aws", 'env > "$ROOT/given"; echo a-value')
    read(agent)
    given = dict(line.split("=", 1) for line in (agent.instance.root / "given").read_text().splitlines())
    assert given["AWS_RETRY_MODE"] == "standard"
    assert 1 < int(given["AWS_MAX_ATTEMPTS"]) <= 10
    assert int(given["AWS_METADATA_SERVICE_NUM_ATTEMPTS"]) > 1


def test_scripts_set_home_for_dockers_credential_helper(agent: Agent) -> None:
    assert start(agent)["HOME"] == f"{agent.instance.root}/root"
