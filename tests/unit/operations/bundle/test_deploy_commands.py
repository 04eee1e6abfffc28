"""The printed commands, with recorded responses of AWS: when they wait, succeed and fail."""

import re
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, Final

import pytest

from tests.aws_cli import RecordedAws
from tests.instance import Instance
from tests.tools import shellcheck
from wealist.operations.bundle import write

pytestmark = pytest.mark.integration

TOOLS: Final = ("cat", "date", "mktemp", "rm", "sed", "sha256sum", "tail", "tr")
USER: Final = "wealist-prod-user-service"
BOARD: Final = "wealist-prod-board-service"
ONE: Final = "i-0aaaaaaaaaaaaaaaa"
TWO: Final = "i-0bbbbbbbbbbbbbbbb"
NEW: Final = "i-0cccccccccccccccc"
DENIED: Final = (
    "An error occurred (AccessDeniedException) when calling the GetDeployment operation: User is not authorized"
)
THROTTLED: Final = "An error occurred (ThrottlingException) when calling the GetDeployment operation: Rate exceeded"


def deployment(status: str, *, rolled_back_by: str | None = None, **instances: int) -> dict[str, Any]:
    """Return a response of GetDeployment, with the number of instances by status."""
    info: dict[str, Any] = {"status": status, "deploymentOverview": instances}
    if status in {"Failed", "Stopped"}:
        info["errorInformation"] = {"code": "HEALTH_CONSTRAINTS", "message": "too few healthy instances"}
        info["rollbackInfo"] = {"rollbackDeploymentId": rolled_back_by}
    return {"deploymentInfo": info}


def instance_of(status: str, *events: Mapping[str, Any]) -> dict[str, Any]:
    """Return a response of GetDeploymentInstance."""
    return {"instanceSummary": {"status": status, "lifecycleEvents": list(events)}}


def event(name: str, status: str, log: str = "") -> dict[str, Any]:
    """Return a lifecycle event, with diagnostics if it failed."""
    failed = {"errorCode": "ScriptFailed", "scriptName": f"scripts/{name}.sh", "message": "exit code 1", "logTail": log}
    return {"lifecycleEventName": name, "status": status} | ({"diagnostics": failed} if status == "Failed" else {})


class Runner:
    """A machine that runs the printed commands."""

    def __init__(self, root: Path) -> None:
        self.instance = Instance(root, tools=TOOLS, stand_ins={"sleep": ":"})
        out = root / "bundle.zip"
        self.commands = write.write_bundle("prod", "user-service", image_tag="v1", out=out).commands
        self.aws = RecordedAws(self.instance)
        self.aws.answers("deploy create-deployment", {"deploymentId": "d-1"}, {"deploymentId": "d-2"})
        self.aws.answers("deploy get-deployment", deployment("Succeeded", Succeeded=2))
        self.lists(ONE, TWO)
        self.group(ONE, TWO)

    def lists(self, *instances: str) -> None:
        """Set the instances that CodeDeploy lists."""
        self.aws.answers("deploy list-deployment-instances", {"instancesList": list(instances)})

    def group(self, *instances: str, **ending: str) -> None:
        """Set the instances of the Auto Scaling group, and the states of those not in service."""
        states = dict.fromkeys(instances, "InService") | ending
        found = [{"InstanceId": each, "LifecycleState": states[each]} for each in states]
        self.aws.answers("autoscaling describe-auto-scaling-groups", {"AutoScalingGroups": [{"Instances": found}]})

    def run(self, *, instance_seconds: int = 60) -> CompletedProcess[str]:
        """Run the commands, with a shorter time limit."""
        commands = re.sub(r"(?m)^(instance_seconds|longest)=\d+$", rf"\1={instance_seconds}", self.commands)
        return self.instance.run("--posix", str(self.instance.put("deploy.sh", commands)))

    def called(self) -> list[str]:
        """Return the called commands of the AWS CLI, in order."""
        return [" ".join(call.split()[1:3]) for call in self.instance.calls("^aws")]


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_the_commands_pass_shellcheck(runner: Runner) -> None:
    assert shellcheck(runner.instance.put("deploy.sh", runner.commands)) == ""


def test_a_deployment_to_all_instances_succeeds(runner: Runner) -> None:
    done = runner.run()
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert runner.called() == [
        "s3 cp",
        "deploy get-deployment-group",
        "deploy get-deployment-group",
        "deploy create-deployment",
        "deploy get-deployment",
        "deploy list-deployment-instances",
        "autoscaling describe-auto-scaling-groups",
    ]


def test_progress_is_printed_once_per_change(runner: Runner) -> None:
    runner.aws.answers(
        "deploy get-deployment",
        {"deploymentInfo": {"status": "Created"}},
        deployment("InProgress", Pending=1, InProgress=1),
        deployment("InProgress", Pending=1, InProgress=1),
        deployment("InProgress", InProgress=1, Succeeded=1),
        deployment("Succeeded", Succeeded=2),
    )
    done = runner.run()
    assert done.returncode == 0, done.stderr
    assert re.findall(r"d-1 (\w+: \d of \d)", done.stdout) == [
        "Created: 0 of 0",
        "InProgress: 0 of 2",
        "InProgress: 1 of 2",
        "Succeeded: 2 of 2",
    ]


def test_a_failed_instance_of_a_succeeded_deployment_is_a_failure(runner: Runner) -> None:
    """AWS reports `Succeeded` if the last instance failed in a one-at-a-time deployment."""
    runner.aws.answers("deploy get-deployment", deployment("Succeeded", Succeeded=1, Failed=1))
    runner.lists(TWO)
    log = "\n".join(f"line {number}" for number in range(40))
    failed = instance_of(
        "Failed",
        event("ApplicationStart", "Succeeded"),
        event("ValidateService", "Failed", log),
        event("Next", "Skipped"),
    )
    runner.aws.answers(f"deploy get-deployment-instance {TWO}", failed)
    done = runner.run()
    assert done.returncode == 1
    assert f"{TWO}: Failed ValidateService" in done.stderr
    assert "ScriptFailed\tscripts/ValidateService.sh\texit code 1" in done.stderr
    assert "line 39" in done.stderr
    assert "line 19" not in done.stderr
    assert "1 of 2 instances are without the bundle, though CodeDeploy calls d-1 a success" in done.stderr
    assert "remedy: correct what the lines above name, and deploy again; or terminate the instance" in done.stderr


def test_a_skipped_instance_is_a_failure(runner: Runner) -> None:
    runner.aws.answers("deploy get-deployment", deployment("Succeeded", Succeeded=1, Skipped=1))
    runner.lists(f"arn:aws:ec2:ap-northeast-2:290008131187:instance/{TWO}")
    runner.aws.answers("deploy get-deployment-instance", instance_of("Skipped", event("Install", "Skipped")))
    done = runner.run()
    assert done.returncode == 1
    assert f"\n{TWO}: Skipped" in f"\n{done.stderr}"
    assert "1 of 2 instances are without the bundle" in done.stderr


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_a_failed_deployment_is_reported_with_its_instances_and_rollback(runner: Runner, status: str) -> None:
    runner.aws.answers("deploy get-deployment", deployment(status, rolled_back_by="d-9", Failed=1, Skipped=1))
    runner.aws.answers(
        f"deploy get-deployment-instance {ONE}", instance_of("Failed", event("Install", "Failed", "full"))
    )
    runner.aws.answers(f"deploy get-deployment-instance {TWO}", instance_of("Skipped"))
    done = runner.run()
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if line.startswith("i-")] == [
        f"{ONE}: Failed Install",
        f"{TWO}: Skipped None",
    ]
    message = f"error: d-1 {status}: HEALTH_CONSTRAINTS too few healthy instances (rolled back by: d-9)"
    assert message in done.stderr


@pytest.mark.parametrize("instances", [1, 2, 3])
def test_the_time_limit_is_the_sum_of_the_hooks_of_all_instances(runner: Runner, instances: int) -> None:
    runner.aws.answers("deploy get-deployment", deployment("InProgress", InProgress=1, Pending=instances - 1))
    runner.lists(ONE)
    runner.aws.answers("deploy get-deployment-instance", instance_of("InProgress", event("Install", "InProgress")))
    done = runner.run(instance_seconds=60)
    assert done.returncode == 3
    assert len(runner.instance.calls("^sleep 15")) == instances * 60 // 15
    assert f"{ONE}: InProgress Install" in done.stderr
    assert f"d-1 is not over after {instances} minutes" in done.stderr
    assert "aws deploy stop-deployment --auto-rollback-enabled --deployment-id d-1 ends it" in done.stderr


def test_the_time_limit_of_an_instance_includes_hooks_and_load_balancer(runner: Runner) -> None:
    # 1500 seconds for scripts, 180 + 60 for the health check, and 300 for the load balancer.
    assert "\ninstance_seconds=2040\n" in runner.commands


@pytest.mark.parametrize("times", [1, 9])
def test_throttled_requests_are_retried(runner: Runner, times: int) -> None:
    runner.aws.answers("deploy get-deployment", *[THROTTLED] * times, deployment("Succeeded", Succeeded=2))
    done = runner.run()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("call", ["s3 cp", "deploy create-deployment", "deploy get-deployment"])
def test_retries_of_throttled_requests_are_limited(runner: Runner, call: str) -> None:
    runner.aws.answers(call, THROTTLED)
    done = runner.run()
    assert done.returncode == 4
    assert runner.called().count(call) == 10
    assert THROTTLED in done.stderr
    assert f"error: aws {call} failed" in done.stderr


@pytest.mark.parametrize(
    "call",
    ["s3 cp", "deploy get-deployment-group", "deploy create-deployment", "deploy get-deployment",
     "deploy list-deployment-instances", "autoscaling describe-auto-scaling-groups"],
)  # fmt: skip
def test_denied_requests_are_not_retried(runner: Runner, call: str) -> None:
    runner.aws.answers(call, DENIED)
    done = runner.run()
    assert done.returncode == 4
    assert runner.called().count(call) == 1
    assert DENIED in done.stderr
    assert f"error: the rights do not suffice for aws {call}\nremedy: take the deploy role" in done.stderr


def test_expired_credentials_are_reported(runner: Runner) -> None:
    expired = "An error occurred (ExpiredTokenException) when calling the GetDeployment operation: expired"
    runner.aws.answers("deploy get-deployment", deployment("InProgress", InProgress=2), expired)
    done = runner.run()
    assert done.returncode == 4
    assert "error: the credentials are not valid, or not any more" in done.stderr


def test_rejected_requests_are_not_retried(runner: Runner) -> None:
    runner.aws.answers("deploy create-deployment", "An error occurred (InvalidRevisionException): no such revision")
    done = runner.run()
    assert done.returncode == 4
    assert runner.called().count("deploy create-deployment") == 1
    assert "no such revision" in done.stderr


@pytest.mark.parametrize("application", [USER, BOARD])
def test_a_running_deployment_of_any_service_is_waited_for(runner: Runner, application: str) -> None:
    def attempted(status: str) -> dict[str, Any]:
        return {"deploymentGroupInfo": {"lastAttemptedDeployment": {"status": status, "deploymentId": "d-0"}}}

    runner.aws.answers(
        f"deploy get-deployment-group {application}", attempted("Queued"), attempted("InProgress"), attempted("Failed")
    )
    done = runner.run()
    assert done.returncode == 0, done.stderr
    assert len(runner.instance.calls("^sleep 15")) == 2
    assert f"waits for the deployment d-0 of {application}" in done.stdout


def test_a_deployment_of_another_service_that_does_not_end_is_reported(runner: Runner) -> None:
    going = {"deploymentGroupInfo": {"lastAttemptedDeployment": {"status": "InProgress", "deploymentId": "d-0"}}}
    runner.aws.answers(f"deploy get-deployment-group {BOARD}", going)
    done = runner.run()
    assert done.returncode == 3
    assert f"error: a deployment of {BOARD} is not over after 1 minutes: d-0" in done.stderr
    assert "deploy create-deployment" not in runner.called()


def test_instances_launched_during_the_deployment_are_deployed_to(runner: Runner) -> None:
    runner.aws.answers(
        "deploy list-deployment-instances", {"instancesList": [ONE, TWO]}, {"instancesList": [ONE, TWO, NEW]}
    )
    runner.group(ONE, TWO, NEW)
    done = runner.run()
    assert done.returncode == 0, done.stderr
    first, second = runner.instance.calls("create-deployment")
    assert "--update-outdated-instances-only" not in first
    assert "--update-outdated-instances-only" in second
    assert f"deploys to what was launched meanwhile, round 1: {NEW}" in done.stdout


def test_terminating_instances_are_ignored(runner: Runner) -> None:
    runner.group(ONE, TWO, **{NEW: "Terminating:Wait"})
    assert runner.run().returncode == 0
    assert len(runner.instance.calls("create-deployment")) == 1


def test_rounds_of_deployments_to_new_instances_are_limited(runner: Runner) -> None:
    runner.group(ONE, TWO, NEW)
    done = runner.run()
    assert done.returncode == 3
    assert f"error: instances are launched faster than they are deployed to: {NEW}" in done.stderr
    assert len(runner.instance.calls("create-deployment")) == 4


def test_a_failed_deployment_to_new_instances_is_a_failure(runner: Runner) -> None:
    runner.group(ONE, TWO, NEW)
    runner.aws.answers("deploy get-deployment", deployment("Succeeded", Succeeded=2), deployment("Succeeded", Failed=1))
    runner.aws.answers("deploy get-deployment-instance", instance_of("Failed", event("Install", "Failed", "full")))
    assert runner.run().returncode == 1
