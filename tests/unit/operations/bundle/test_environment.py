"""The variables of a service: read from SSM into a file for root alone, or not at all and every reason named."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.unit.operations.bundle.agent import Agent, bundle

pytestmark = pytest.mark.integration

VALUES: Final = "run/wealist/user-service.env"


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    """An instance with a version that was deployed."""
    agent = Agent(tmp_path)
    agent.parameters()
    agent.instance.put("health", "200")
    assert agent.deploy(bundle()) is None, agent.said
    return agent


def read(agent: Agent) -> int:
    """Reads the parameters anew; returns the exit code."""
    installed = agent.instance.root / "home/ec2-user/app/user-service"
    agent.said = ""
    return agent.hook(installed, "scripts/environment.sh").returncode


def start(agent: Agent) -> dict[str, str]:
    """Starts the service anew; returns what its container got."""
    agent.instance.run("-c", "systemctl restart wealist-user-service.service")
    return agent.container() or {}


def test_the_file_is_roots_alone(agent: Agent) -> None:
    file = agent.instance.root / VALUES
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    # Nothing is left beside it.
    assert [each.name for each in file.parent.iterdir()] == ["user-service.env"]


def test_every_parameter_is_read_once_decrypted_from_the_own_region(agent: Agent) -> None:
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
def test_a_value_reaches_the_container_as_it_is(agent: Agent, value: str) -> None:
    agent.set_parameter("db/user_db_password", value)
    assert start(agent)["DB_PASSWORD"] == value


def test_a_changed_value_is_there_after_a_restart(agent: Agent) -> None:
    agent.set_parameter("cache/redis_auth_token", "rotated")
    assert start(agent)["REDIS_AUTH_TOKEN"] == "rotated"


def test_everything_that_is_wrong_is_named_at_once(agent: Agent) -> None:
    before = (agent.instance.root / VALUES).read_text()
    agent.set_parameter("oauth/google_client_id", "unset")
    agent.set_parameter("oauth/google_client_secret", "unset")
    (agent.instance.root / "ssm/wealist/prod/db/port").unlink()
    agent.instance.put("denied/wealist/prod/jwt/jwt_secret")
    assert read(agent) == 1
    assert '/wealist/prod/oauth/google_client_id still holds the placeholder "unset"' in agent.said
    assert '/wealist/prod/oauth/google_client_secret still holds the placeholder "unset"' in agent.said
    assert "/wealist/prod/db/port does not exist" in agent.said
    assert (
        "/wealist/prod/jwt/jwt_secret may not be read by the instance's role: An error occurred (Access" in agent.said
    )
    assert "4 of its parameters cannot be used; the service is not started" in agent.said
    # The values of a running service stay as they were.
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
def test_what_every_call_would_meet_ends_it_at_the_first(agent: Agent, failure: str) -> None:
    agent.instance.put("calls")
    agent.instance.put("failure", f"{failure}\n")
    assert read(agent) == 1
    assert failure in agent.said
    assert len(agent.instance.calls("^aws ")) == 1


def test_the_aws_cli_is_told_to_wait_out_throttling_and_a_slow_start(agent: Agent) -> None:
    agent.instance.stand_in("aws", 'env > "$ROOT/given"; echo a-value')
    read(agent)
    given = dict(line.split("=", 1) for line in (agent.instance.root / "given").read_text().splitlines())
    assert given["AWS_RETRY_MODE"] == "standard"
    assert 1 < int(given["AWS_MAX_ATTEMPTS"]) <= 10
    assert int(given["AWS_METADATA_SERVICE_NUM_ATTEMPTS"]) > 1


def test_docker_finds_roots_credential_helper_though_nobody_sets_a_home(agent: Agent) -> None:
    assert start(agent)["HOME"] == f"{agent.instance.root}/root"
