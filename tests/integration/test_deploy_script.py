"""The commands that `wealist bundle` prints deploy to the embedded AWS."""

import re
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

PROGRAM: Final = """
import sys
from pathlib import Path

import boto3
import jmespath
from botocore.exceptions import ClientError

sys.path.insert(0, ROOT)
from tests.aws_cli import REFUSED, options_of, text_of

service, command, *rest = sys.argv[1:]
if service == "s3":
    bucket, _, key = rest[2].removeprefix("s3://").partition("/")
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=Path(rest[1]).read_bytes())
    sys.exit()

options = options_of(rest)
query = options.pop("query")[0]
del options["output"]
client = boto3.client("codedeploy" if service == "deploy" else service)
call = client.meta.service_model.operation_model("".join(map(str.capitalize, command.split("-"))))
shapes = {name.lower(): (name, shape.type_name) for name, shape in call.input_shape.members.items()}
arguments = {}
for option, values in options.items():
    if option == "s3-location":
        location = dict(pair.split("=") for pair in values[0].split(","))
        arguments["revision"] = {"revisionType": "S3", "s3Location": location}
        continue
    name, kind = shapes[option.replace("-", "")]
    arguments[name] = {"list": values, "boolean": True}.get(kind) or values[0]
try:
    answer = getattr(client, command.replace("-", "_"))(**arguments)
except ClientError as error:
    print(f"\\n{error}", file=sys.stderr)
    sys.exit(REFUSED)
sys.stdout.write(text_of(jmespath.search(query, answer)))
"""
AWS_CLI: Final = f"#!{sys.executable}\nROOT = {str(Path(__file__).parents[2])!r}\n{PROGRAM}"
"""A minimal AWS CLI. The only nested option that it supports is the location of a revision."""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """An account with the bucket, instances, applications and deployment groups of prod."""
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
    tags = {"Environment": "prod", "Role": "backend"}
    client(aws, "autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=names("backend-asg"),
        LaunchTemplate={"LaunchTemplateName": "backend"},
        MinSize=INSTANCES,
        MaxSize=INSTANCES,
        AvailabilityZones=[f"{REGION}a"],
        Tags=[{"Key": key, "Value": value, "PropagateAtLaunch": True} for key, value in tags.items()],
    )
    client(aws, "s3").create_bucket(
        Bucket=names.codedeploy_artifacts_bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    deploy = client(aws, "codedeploy")
    for service in prod.services:
        application = names(service.full_name)
        deploy.create_application(applicationName=application, computePlatform="Server")
        deploy.create_deployment_group(
            applicationName=application,
            deploymentGroupName=f"{application}-group",
            ec2TagSet={
                "ec2TagSetList": [
                    [{"Key": key, "Value": value, "Type": "KEY_AND_VALUE"}] for key, value in tags.items()
                ]
            },
            serviceRoleArn="role",
        )


def deployed(aws: EmulatedAws, folder: Path, image_tag: str) -> CompletedProcess[str]:
    """Run the printed commands by `sh deploy.sh`."""
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
    """Return the deployment in the output of the commands."""
    (deployment,) = re.findall(r"deployment (\S+)$", done.stdout, re.MULTILINE)
    info: dict[str, Any] = client(aws, "codedeploy").get_deployment(deploymentId=deployment)["deploymentInfo"]
    return info


def test_the_printed_commands_deploy_to_every_instance(aws: EmulatedAws, tmp_path: Path) -> None:
    done = deployed(aws, tmp_path, "v42")
    assert done.returncode == 0, done.stderr
    info = described(aws, done)
    assert (info["status"], info["deploymentOverview"]["Succeeded"]) == ("Succeeded", INSTANCES)
    location = info["revision"]["s3Location"]
    stored = client(aws, "s3").get_object(Bucket=location["bucket"], Key=location["key"])["Body"].read()
    assert stored == (tmp_path / "bundle.zip").read_bytes()


def test_a_failed_deployment_fails_the_printed_commands_with_its_reason(aws: EmulatedAws, tmp_path: Path) -> None:
    done = deployed(aws, tmp_path, "fails")
    assert done.returncode == 1
    assert described(aws, done)["status"] == "Failed"
    assert re.search(r"^i-\w+: Failed ValidateService$", done.stderr, re.MULTILINE)
    assert re.search(r"^error: \S+ Failed: HEALTH_CONSTRAINTS The overall deployment failed", done.stderr, re.MULTILINE)


def test_a_successful_deployment_with_a_failed_instance_fails_the_printed_commands(
    aws: EmulatedAws, tmp_path: Path
) -> None:
    done = deployed(aws, tmp_path, "last-fails")
    assert done.returncode == 1
    assert described(aws, done)["status"] == "Succeeded"
    assert re.search(r"^i-\w+: Failed ValidateService$", done.stderr, re.MULTILINE)
    assert "is not healthy: the embedded AWS was asked for a failure" in done.stderr
    assert "error: 1 of 2 instances are without the bundle, though CodeDeploy calls" in done.stderr
