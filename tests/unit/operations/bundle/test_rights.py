"""The roles allow exactly the API calls of the scripts and of the printed commands."""

import re
from pathlib import Path
from typing import Final

from tests.policies import Grant, allows, grants_of
from tests.synthesized import stacks
from tests.unit.operations.bundle.conftest import Case
from wealist.operations.bundle.write import write_bundle

HERE: Final = "ap-northeast-2:290008131187"
KEY: Final = "aws_kms_key.encryption_key.arn"
PULLS: Final = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html: the actions for a pull."""
TEMPLATES: Final = Path(__file__).parents[4] / "modules/instance_bootstrap/templates"
PUSHES: Final = (
    "ecr:BatchCheckLayerAvailability", "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage",
    "ecr:UploadLayerPart",
)  # fmt: skip
LOGS: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
"""https://docs.docker.com/engine/logging/drivers/awslogs/#credentials"""


def instance_role(case: Case) -> set[Grant]:
    return grants_of(stacks()[case.config.name], f"wealist-{case.config.name}-ec2-role")


def github_role(case: Case) -> set[Grant]:
    return grants_of(stacks()[case.config.name], f"wealist-{case.config.name}-github-actions-role")


def repository(case: Case) -> str:
    return f"arn:aws:ecr:{HERE}:repository/wealist-{case.config.name}-{case.service.full_name}"


def other(case: Case) -> str:
    """Return the name of the other environment."""
    return {"dev": "prod", "prod": "dev"}[case.config.name]


def test_the_scripts_call_only_ssm(case: Case) -> None:
    calls = {
        call
        for path in case.files
        for call in re.findall(r"^[^#\n]*\baws ([a-z0-9-]+ [a-z-]+)", case.text(path), re.MULTILINE)
    }
    # put-parameter is part of a message to operators.
    assert calls == {"ssm get-parameter", "ssm put-parameter"}
    assert len(re.findall(r"aws ssm put-parameter", case.text("scripts/environment.sh"))) == 1
    assert not allows(
        instance_role(case), "ssm:PutParameter", f"arn:aws:ssm:{HERE}:parameter/wealist/{case.config.name}/x"
    )


def test_the_instance_role_reads_and_decrypts_the_services_parameters(case: Case) -> None:
    role = instance_role(case)
    names = [line.split()[1] for line in case.text("parameters.txt").splitlines()]
    assert names
    for name in names:
        assert allows(role, "ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter{name}")
        foreign = name.replace(f"/{case.config.name}/", f"/{other(case)}/")
        assert not allows(role, "ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter{foreign}")
    assert allows(role, "kms:Decrypt", KEY)
    assert not allows(role, "kms:Decrypt", f"arn:aws:kms:{HERE}:key/another")


def test_the_instance_role_pulls_and_does_not_push_the_services_image(case: Case) -> None:
    role = instance_role(case)
    assert f"{repository(case).partition('/')[2]}:v1" in case.text("settings.sh")
    assert allows(role, "ecr:GetAuthorizationToken", "*")
    assert [action for action in PULLS if not allows(role, action, repository(case))] == []
    assert not allows(role, "ecr:PutImage", repository(case))
    foreign = repository(case).replace(f"-{case.config.name}-", f"-{other(case)}-")
    assert not allows(role, "ecr:BatchGetImage", foreign)


def test_the_instance_role_writes_and_does_not_read_the_services_log(case: Case) -> None:
    (group,) = re.findall(r"^LOG_GROUP=(\S+)$", case.text("settings.sh"), re.MULTILINE)
    stack, role = stacks()[case.config.name], instance_role(case)
    assert stack.only("aws_cloudwatch_log_group", name=group)["kms_key_id"] == f"${{{KEY}}}"
    stream = f"arn:aws:logs:{HERE}:log-group:{group}:log-stream:i-1"
    assert [action for action in LOGS if not allows(role, action, stream)] == []
    assert not allows(role, "logs:GetLogEvents", stream)
    foreign = stream.replace(f"/{case.config.name}/", f"/{other(case)}/")
    assert not allows(role, "logs:PutLogEvents", foreign)


def test_the_instance_role_downloads_the_uploaded_bundle(case: Case, tmp_path: Path) -> None:
    address = uploaded(case, tmp_path)
    assert allows(instance_role(case), "s3:GetObject", address)
    assert not allows(instance_role(case), "s3:PutObject", address)


def test_the_instance_role_allows_all_calls_of_the_boot_scripts(case: Case) -> None:
    role, name = instance_role(case), f"wealist-{case.config.name}-{case.service.full_name}"
    group = f"arn:aws:codedeploy:{HERE}:deploymentgroup:{name}/{name}-group"
    fleet = (
        f"arn:aws:autoscaling:{HERE}:autoScalingGroup:0-1:autoScalingGroupName/wealist-{case.config.name}-backend-asg"
    )
    targets = f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/wealist-{case.config.name}-{case.service.name}-tg/0123"
    resources = {
        "deploy": ("codedeploy", group),
        "autoscaling": ("autoscaling", fleet),
        "elbv2": ("elasticloadbalancing", targets),
    }
    calls = {
        call
        for template in TEMPLATES.glob("*.tftpl")
        for call in re.findall(r"\baws (deploy|autoscaling|elbv2) ([a-z-]+)", template.read_text())
    }
    assert {service for service, _ in calls} == resources.keys()
    for service, command in calls:
        prefix, resource = resources[service]
        assert allows(role, f"{prefix}:{camel(command)}", resource), command


def test_the_instance_role_neither_deploys_nor_changes_the_other_environment(case: Case) -> None:
    role, foreign = instance_role(case), other(case)
    name = f"wealist-{case.config.name}-{case.service.full_name}"
    group = f"arn:aws:codedeploy:{HERE}:deploymentgroup:{name}/{name}-group"
    targets = f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/wealist-{foreign}-{case.service.name}-tg/0123"
    assert not allows(role, "codedeploy:CreateDeployment", group)
    assert not allows(role, "codedeploy:GetDeployment", group.replace(f"-{case.config.name}-", f"-{foreign}-"))
    assert not allows(role, "elasticloadbalancing:DeregisterTargets", targets)
    assert not allows(role, "elasticloadbalancing:RegisterTargets", targets)


def test_the_github_role_allows_all_calls_of_the_printed_commands(case: Case, tmp_path: Path) -> None:
    role = github_role(case)
    name = f"wealist-{case.config.name}-{case.service.full_name}"
    group = f"arn:aws:codedeploy:{HERE}:deploymentgroup:{name}/{name}-group"
    assert allows(role, "s3:PutObject", uploaded(case, tmp_path))
    commands = write_bundle(case.config.name, case.service.full_name, out=tmp_path / "bundle.zip").commands
    called = {camel(call) for call in re.findall(r"\bask deploy ([a-z-]+)", commands)}
    assert {"CreateDeployment", "GetDeployment", "ListDeploymentInstances", "GetDeploymentInstance"} <= called
    assert [action for action in called if not allows(role, f"codedeploy:{action}", group)] == []
    scaling = {camel(call) for call in re.findall(r"\bask autoscaling ([a-z-]+)", commands)}
    assert [action for action in scaling if not allows(role, f"autoscaling:{action}", "*")] == []
    # CreateDeployment also requires these:
    # https://docs.aws.amazon.com/codedeploy/latest/userguide/auth-and-access-control-permissions-reference.html
    application = f"arn:aws:codedeploy:{HERE}:application:{name}"
    assert allows(role, "codedeploy:RegisterApplicationRevision", application)
    assert allows(role, "codedeploy:GetApplicationRevision", application)
    config = f"arn:aws:codedeploy:{HERE}:deploymentconfig:CodeDeployDefault.OneAtATime"
    assert allows(role, "codedeploy:GetDeploymentConfig", config)


def camel(command: str) -> str:
    """Return the IAM action of a command of the AWS CLI."""
    return "".join(word.capitalize() for word in command.split("-"))


def test_the_github_role_pushes_the_image_of_the_bundle(case: Case) -> None:
    role = github_role(case)
    assert allows(role, "ecr:GetAuthorizationToken", "*")
    assert [action for action in PUSHES if not allows(role, action, repository(case))] == []


def test_the_github_role_does_not_deploy_to_the_other_environment(case: Case) -> None:
    name = f"wealist-{other(case)}-{case.service.full_name}"
    group = f"arn:aws:codedeploy:{HERE}:deploymentgroup:{name}/{name}-group"
    assert not allows(github_role(case), "codedeploy:CreateDeployment", group)


def uploaded(case: Case, folder: Path) -> str:
    """Return the ARN of the uploaded object."""
    commands = write_bundle(case.config.name, case.service.full_name, out=folder / "bundle.zip").commands
    named = dict(re.findall(r"(?m)^(bucket|key)=(\S+)$", commands))
    return f"arn:aws:s3:::{named['bucket']}/{named['key']}"
