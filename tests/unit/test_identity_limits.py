"""What no role of section 9 may do: held against the document, AWS's own policies, and the other environment."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

import pytest

from tests.policies import WITHOUT_RESOURCE, Grant, allows, exists, grants, grants_of, managed
from tests.synthesized import Stack, environment, otherwise, synthesized

HERE: Final = "ap-northeast-2:290008131187"
KEY: Final = "aws_kms_key.encryption_key.arn"
BUCKETS: Final = {"prod": "", "dev": "-dev"}
"""What the names of an environment's buckets end with."""
OTHER: Final = {"prod": "dev", "dev": "prod"}
TARGETS: Final = f"arn:aws:elasticloadbalancing:{HERE}:targetgroup"
ANYWHERE: Final = {
    "ssm:*": "the agent's own calls, as in AWS's AmazonSSMManagedInstanceCore; an instance's id is not known before",
    "ssmmessages:*": "channels have no ARN",
    "ec2messages:*": "messages have no ARN",
    "ec2:RunInstances": "only from a launch template; instances, volumes and interfaces have no ARN before",
}
"""Actions allowed on `*` though AWS knows a resource for some, and why."""
BEYOND_THE_DOCUMENT: Final = {
    "ec2-role": {
        "s3:GetObjectVersion": "bundles lie in a versioned bucket",
        "s3:GetObject": "bundles (ADR 0007)",
        "ssm:*": "the document's instances are reached by Systems Manager",
        "ssmmessages:*": "the same",
        "ec2messages:*": "the same",
        "ec2:Describe*": "Prometheus finds the services by tag, and the monitoring instance its volume",
        "ec2:AttachVolume": "the monitoring instance attaches the volume that outlives it (ADR 0026)",
        "kms:CreateGrant": "the same: EC2 decrypts it by a grant",
    },
    "github-actions-role": {
        "kms:*": "the document's parameters are encrypted with the environment's key",
        "codedeploy:GetDeploymentConfig": "`aws deploy` reads it before it creates a deployment",
        "codedeploy:GetApplicationRevision": "the same",
        "s3:*": "the site's bucket: the document's role refreshes CloudFront after it has uploaded there",
    },
}
"""Role → action outside the document's list or resources → why the role has it."""


def documented(name: str) -> dict[str, set[Grant]]:
    """What the document grants, with the corrections of the design: a ceiling, not a wish."""
    end = BUCKETS[name]
    scripts, resources = f"arn:aws:s3:::wealist-deploy-scripts{end}", f"arn:aws:s3:::wealist-app-resources{end}"
    github = ["ssm:GetParameter", "ssm:PutParameter", "ssm:SendCommand", "ecr:*", "cloudfront:CreateInvalidation"]
    github += ["codedeploy:CreateDeployment", "codedeploy:GetDeployment", "codedeploy:RegisterApplicationRevision"]
    github += ["ec2:DescribeInstances", "autoscaling:DescribeAutoScalingGroups"]
    github_buckets = (f"arn:aws:s3:::wealist-{each}-artifacts{end}/*" for each in ("codedeploy", "app"))
    objects = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
    return {
        "ec2-role": {
            *(
                Grant(f"ssm:{each}", "arn:aws:ssm:ap-northeast-2:*:parameter/wealist/*")
                for each in ("GetParameter", "GetParameters", "GetParametersByPath")
            ),
            Grant("kms:Decrypt", KEY),
            Grant("ecr:GetAuthorizationToken", "*"),
            *(
                Grant(f"ecr:{each}", f"arn:aws:ecr:*:*:repository/wealist-{name}-*")
                for each in ("BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage")
            ),
            *(Grant("s3:ListBucket", bucket) for bucket in (scripts, resources)),
            Grant("s3:GetObject", f"{scripts}/*"),
            *(Grant(action, f"{resources}/*") for action in objects),
        },
        "github-actions-role": {
            *(Grant(action, "*") for action in github),
            *(Grant(action, bucket) for bucket in github_buckets for action in objects),
        },
    }


def every_grant(stack: Stack) -> Iterable[Grant]:
    return (grant for policy in stack.all("aws_iam_policy") for grant in grants(policy["policy"]))


def listed(table: Iterable[str], action: str) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in table)


@pytest.mark.parametrize("role", ["ec2-role", "github-actions-role"])
def test_no_role_has_more_than_the_document_gives_it_but_for_listed_reasons(stack: Stack, name: str, role: str) -> None:
    ceiling = documented(name)[role]
    beyond = {grant.action for grant in grants_of(stack, f"wealist-{name}-{role}") if not allows(ceiling, *grant[:2])}
    assert not {action for action in beyond if not listed(BEYOND_THE_DOCUMENT[role], action)}
    # A reason that no action needs is gone with the action.
    assert all(any(fnmatchcase(action, reason) for action in beyond) for reason in BEYOND_THE_DOCUMENT[role])


@pytest.fixture(scope="module", params=[environment, otherwise], ids=["in_place", "blue_green"])
def given(request: pytest.FixtureRequest, name: str) -> set[Grant]:
    """All that an environment's policies say, with either kind of deployment."""
    return set(every_grant(synthesized(request.param(name))))


def test_nothing_is_allowed_on_everything_but_what_has_no_resource(given: set[Grant]) -> None:
    unbounded = {grant.action for grant in given if grant.resource == "*"}
    assert not {action for action in unbounded - WITHOUT_RESOURCE if not listed(ANYWHERE, action)}
    # What is bounded has a resource indeed: else its statement never matches.
    assert not {grant.action for grant in given if grant.resource != "*"} & WITHOUT_RESOURCE


@pytest.mark.exhaustive
def test_every_action_is_written_out_and_known_to_aws(given: set[Grant]) -> None:
    actions = {grant.action for grant in given}
    assert len(actions) > 50
    assert not {action for action in actions if "*" in action}
    assert not {action for action in actions if not exists(action)}


def test_every_resource_is_of_a_kind_that_its_action_takes(given: set[Grant]) -> None:
    kinds = {
        "ssm:SendCommand": r"arn:aws:(ssm:ap-northeast-2::document/[\w-]+|ec2:[\w-]+:\d{12}:instance/\*)",
        "ssm:(Get|Put)Parameters?": r"arn:aws:ssm:[\w-]+:(\d{12}:parameter/wealist/\w+|:parameter/aws/service)/\*",
        "ssm:GetParametersByPath": r"arn:aws:ssm:[\w-]+:\d{12}:parameter/wealist/\w+(/\*)?",
        "kms:.*": re.escape(KEY),
        "ecr:.*": r"arn:aws:ecr:[\w-]+:\d{12}:repository/.+",
        "s3:ListBucket": r"arn:aws:s3:::[^/*]+",
        "s3:.*Object.*": r"arn:aws:s3:::[^/*]+/\*",
        "codedeploy:(Register|GetApp).*": r"arn:aws:codedeploy:[\w-]+:\d{12}:application:[^/:]+",
        "codedeploy:(Create|Get)Deployment": r"arn:aws:codedeploy:[\w-]+:\d{12}:deploymentgroup:[^/:]+/.+",
        "codedeploy:GetDeploymentConfig": r"arn:aws:codedeploy:[\w-]+:\d{12}:deploymentconfig:[^/:]+",
        "autoscaling:.*": r"arn:aws:autoscaling:[\w-]+:\d{12}:autoScalingGroup:\*:autoScalingGroupName/.+",
        "cloudwatch:PutMetricAlarm": r"arn:aws:cloudwatch:[\w-]+:\d{12}:alarm:[^*]+\*",
        "elasticloadbalancing:.*": r"arn:aws:elasticloadbalancing:[\w-]+:\d{12}:targetgroup/[^/]+/\*",
        "ec2:AttachVolume": r"arn:aws:ec2:[\w-]+:\d{12}:instance/\*|aws_ebs_volume\.\w+\.arn",
        "ec2:CreateTags": r"arn:aws:ec2:[\w-]+:\d{12}:(instance|volume|network-interface|spot-instances-request)/\*",
        "iam:PassRole": r"arn:aws:iam::\d{12}:role/[^*]+",
        "cloudfront:.*": r"aws_cloudfront_distribution\.\w+\.arn",
    }
    for grant in given:
        if grant.resource != "*":
            (form,) = [form for action, form in kinds.items() if re.fullmatch(action, grant.action)]
            assert re.fullmatch(form, grant.resource), grant


@pytest.mark.parametrize("role", ["ec2-role", "github-actions-role", "codedeploy-role"])
def test_a_role_reaches_nothing_of_the_other_environment(stack: Stack, name: str, role: str) -> None:
    granted = grants_of(stack, f"wealist-{name}-{role}")
    other, end = OTHER[name], BUCKETS[OTHER[name]]
    theirs = {
        f"arn:aws:ssm:{HERE}:parameter/wealist/{other}/db/user_db_password",
        f"arn:aws:ecr:{HERE}:repository/wealist-{other}-user-service",
        f"arn:aws:codedeploy:{HERE}:application:wealist-{other}-user-service",
        f"arn:aws:codedeploy:{HERE}:deploymentgroup:wealist-{other}-user-service/wealist-{other}-user-service-group",
        f"arn:aws:autoscaling:{HERE}:autoScalingGroup:1-2:autoScalingGroupName/wealist-{other}-backend-asg",
        f"{TARGETS}/wealist-{other}-user-tg/0123",
        *(
            f"arn:aws:s3:::wealist-{bucket}{end}{key}"
            for bucket in ("codedeploy-artifacts", "app-artifacts", "deploy-scripts", "app-resources", "frontend")
            for key in ("", "/key")
        ),
    }
    bounded = {grant.action for grant in granted if grant.resource != "*"}
    assert bounded
    assert not [(action, arn) for action in bounded for arn in theirs if allows(granted, action, arn)]


def test_codedeploy_has_nothing_that_awss_own_role_for_it_lacks(stack: Stack, name: str) -> None:
    actions = {grant.action for grant in grants_of(stack, f"wealist-{name}-codedeploy-role")}
    assert actions
    assert actions <= managed("AWSCodeDeployRole")


def test_systems_manager_has_nothing_that_awss_own_policy_lacks_and_reads_no_parameter(stack: Stack, name: str) -> None:
    agent = stack.policies(f"wealist-{name}-ec2-role")[f"wealist-{name}-ssm-agent-policy"]
    actions = {grant.action for grant in grants(agent["policy"])}
    assert actions
    assert actions <= managed("AmazonSSMManagedInstanceCore") - {"ssm:GetParameter", "ssm:GetParameters"}


def test_in_place_deployments_start_no_instance_and_pass_no_role(stack: Stack, name: str) -> None:
    granted = grants_of(stack, f"wealist-{name}-codedeploy-role")
    assert not {grant.action for grant in granted} & {"iam:PassRole", "ec2:RunInstances", "ec2:CreateTags"}
