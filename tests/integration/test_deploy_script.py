"""The commands that `wealist bundle` prints, run against the embedded AWS: a deployment there ends."""

import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess, run
from typing import Any, Final

import pytest

from tests.instance import real
from wealist.emulator.server import EmulatedAws
from wealist.operations.aws import clients
from wealist.operations.bundle.write import write_bundle
from wealist.spec.account import REGION
from wealist.spec.environments import load

pytestmark = pytest.mark.integration

SERVICE: Final = "user-service"
INSTANCES: Final = 2

AWS_CLI: Final = f"""#!{sys.executable}
import sys
from pathlib import Path

import boto3
import jmespath
from botocore.exceptions import WaiterError

service, command, *rest = sys.argv[1:]
if service == "s3":
    bucket, _, key = rest[1].removeprefix("s3://").partition("/")
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=Path(rest[0]).read_bytes())
    sys.exit()

named = [word for word in rest if word.startswith("--")]
values = {{name: rest[rest.index(name) + 1] for name in named if name != "--ignore-application-stop-failures"}}
deploy = boto3.client("codedeploy")
if command == "create-deployment":
    answer = deploy.create_deployment(
        applicationName=values["--application-name"],
        deploymentGroupName=values["--deployment-group-name"],
        revision={{
            "revisionType": "S3",
            "s3Location": dict(pair.split("=") for pair in values["--s3-location"].split(",")),
        }},
        ignoreApplicationStopFailures="--ignore-application-stop-failures" in named,
    )
elif command == "wait":
    try:
        deploy.get_waiter(rest[0].replace("-", "_")).wait(deploymentId=values["--deployment-id"])
    except WaiterError:
        sys.exit(255)
    sys.exit()
else:
    answer = deploy.get_deployment(deploymentId=values["--deployment-id"])
found = jmespath.search(values["--query"], answer)
print(*(found if isinstance(found, list) else [found]), sep="\\t")
"""
"""The AWS CLI, as far as the commands use it."""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """An account with what a service of prod is deployed to: bucket, instances, application and group."""
    with EmulatedAws(seeds=(), log=tmp_path_factory.mktemp("deploy") / "aws.log") as started:
        prepare(started)
        yield started


def client(aws: EmulatedAws, service: str) -> Any:
    return clients(aws.environment())(service, REGION)


def prepare(aws: EmulatedAws) -> None:
    (prod,) = load(["prod"])
    names = prod.names
    image = client(aws, "ec2").describe_images()["Images"][0]["ImageId"]
    client(aws, "ec2").create_launch_template(LaunchTemplateName="backend", LaunchTemplateData={"ImageId": image})
    client(aws, "autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="backend",
        LaunchTemplate={"LaunchTemplateName": "backend"},
        MinSize=INSTANCES,
        MaxSize=INSTANCES,
        AvailabilityZones=[f"{REGION}a"],
    )
    client(aws, "s3").create_bucket(
        Bucket=names.codedeploy_artifacts_bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    deploy = client(aws, "codedeploy")
    deploy.create_application(applicationName=names(SERVICE), computePlatform="Server")
    deploy.create_deployment_group(
        applicationName=names(SERVICE),
        deploymentGroupName=names(f"{SERVICE}-group"),
        autoScalingGroups=["backend"],
        serviceRoleArn="role",
    )


def deployed(aws: EmulatedAws, folder: Path, image_tag: str) -> CompletedProcess[str]:
    """Run the printed commands, as `sh deploy.sh` does."""
    cli = folder / "bin" / "aws"
    cli.parent.mkdir()
    cli.write_text(AWS_CLI)
    cli.chmod(0o755)
    script = folder / "deploy.sh"
    script.write_text(write_bundle("prod", SERVICE, image_tag=image_tag, out=folder / "bundle.zip").commands)
    environ = aws.environment()
    environ["PATH"] = f"{cli.parent}:{environ['PATH']}"
    return run([real("sh"), script], env=environ, capture_output=True, text=True, check=False, timeout=120)


def described(aws: EmulatedAws, done: CompletedProcess[str]) -> dict[str, Any]:
    """The deployment that the commands have named."""
    name, deployment = done.stdout.split()
    assert name == "deployment"
    info: dict[str, Any] = client(aws, "codedeploy").get_deployment(deploymentId=deployment)["deploymentInfo"]
    return info


def test_the_printed_commands_deploy_to_every_instance_and_end(aws: EmulatedAws, tmp_path: Path) -> None:
    done = deployed(aws, tmp_path, "v42")
    assert done.returncode == 0, done.stderr
    info = described(aws, done)
    assert (info["status"], info["deploymentOverview"]["Succeeded"]) == ("Succeeded", INSTANCES)
    location = info["revision"]["s3Location"]
    stored = client(aws, "s3").get_object(Bucket=location["bucket"], Key=location["key"])["Body"].read()
    assert stored == (tmp_path / "bundle.zip").read_bytes()


def test_a_deployment_that_fails_on_request_fails_the_printed_commands_and_says_why(
    aws: EmulatedAws, tmp_path: Path
) -> None:
    done = deployed(aws, tmp_path, "fails")
    assert done.returncode == 1
    assert described(aws, done)["status"] == "Failed"
    assert done.stderr.startswith("Failed\tHEALTH_CONSTRAINTS\tThe overall deployment failed")
