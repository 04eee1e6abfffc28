"""Section 9 of the architecture: the three roles, their trust and their rights.

Each right of the document exists on resources of the environment, and further rights need a listed reason.
"""

from fnmatch import fnmatchcase
from typing import Any, Final

import pytest

from tests.policies import Grant, allows, grants_of
from tests.synthesized import Stack
from wealist.model.iam.catalog import catalog

HERE: Final = "ap-northeast-2:290008131187"
KEY: Final = "aws_kms_key.encryption_key.arn"
GITHUB: Final = "token.actions.githubusercontent.com"
OBJECTS: Final = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
GITHUB_ANYWHERE: Final = (
    "ssm:GetParameter", "ssm:PutParameter", "ssm:SendCommand", "ecr:*", "codedeploy:CreateDeployment",
    "codedeploy:GetDeployment", "codedeploy:RegisterApplicationRevision", "ec2:DescribeInstances",
    "autoscaling:DescribeAutoScalingGroups", "cloudfront:CreateInvalidation",
)  # fmt: skip
"""Actions that the document grants to GitHub on `*`."""
BEYOND_THE_DOCUMENT: Final = {
    "ec2-role": {
        "s3:GetObjectVersion": "bundles lie in a versioned bucket",
        "s3:GetObject": "the document lacks the bucket of the bundles (ADR 0007)",
        "s3:AbortMultipartUpload": "an upload in parts that fails leaves none behind",
        "ssm:*": "the document's instances are reached by Systems Manager",
        "ssmmessages:*": "the same",
        "ec2messages:*": "the same",
        "ec2:Describe*": "Prometheus finds the services by tag, and the monitoring instance its volume",
        "ec2:AttachVolume": "the monitoring instance attaches the volume that outlives it (ADR 0026)",
        "kms:CreateGrant": "the same: EC2 decrypts it by a grant",
        "logs:Describe*": "the agent looks where it writes sessions down, and whether that is encrypted (ADR 74)",
        "codedeploy:GetDeployment*": "a new instance installs the last revisions by itself (ADR 0056)",
        "autoscaling:CompleteLifecycleAction": "the same: it says that it may serve",
        "elasticloadbalancing:DescribeTarget*": "the same: it looks where it is registered",
        "elasticloadbalancing:DeregisterTargets": "the same: where one service is broken, it serves the others",
        "logs:CreateLogStream": "what a service logs outlives its instance (ADR 0059)",
        "logs:PutLogEvents": "the same",
    },
    "github-actions-role": {
        "kms:*": "the document's parameters are encrypted with the environment's key",
        "codedeploy:GetDeploymentConfig": "`aws deploy` reads it before it creates a deployment",
        "codedeploy:GetApplicationRevision": "the same",
        "codedeploy:GetDeploymentGroup": "a deployment waits for those of other services",
        "codedeploy:GetDeploymentInstance": "a deployment that failed says on which instances, and why",
        "codedeploy:ListDeploymentInstances": "the same",
        "s3:*": "the site's bucket: the document's role refreshes CloudFront after it has uploaded there",
        "cloudfront:GetInvalidation": "a deployment of the site waits until CloudFront is refreshed",
        "ssm:GetCommandInvocation": "a workflow waits for the command that it sent",
    },
}
"""Role → action outside the document's list or resources → reason."""


def bucket(name: str, environment: str) -> str:
    return f"arn:aws:s3:::wealist-{name}{'' if environment == 'prod' else '-dev'}"


def documented(name: str) -> dict[str, set[Grant]]:
    """Return the document's grants: role → actions on resources."""
    scripts, resources = bucket("deploy-scripts", name), bucket("app-resources", name)
    parameters = ("GetParameter", "GetParameters", "GetParametersByPath")
    pulls = ("BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage")
    return {
        "ec2-role": {
            *(Grant(f"ssm:{each}", "arn:aws:ssm:ap-northeast-2:*:parameter/wealist/*") for each in parameters),
            Grant("kms:Decrypt", "*"),
            Grant("ecr:GetAuthorizationToken", "*"),
            *(Grant(f"ecr:{each}", f"arn:aws:ecr:*:*:repository/wealist-{name}-*") for each in pulls),
            *(Grant("s3:ListBucket", each) for each in (scripts, resources)),
            Grant("s3:GetObject", f"{scripts}/*"),
            *(Grant(action, f"{resources}/*") for action in OBJECTS),
        },
        "github-actions-role": {
            *(Grant(action, "*") for action in GITHUB_ANYWHERE),
            *(
                Grant(action, f"{bucket(each, name)}/*")
                for each in ("codedeploy-artifacts", "app-artifacts")
                for action in OBJECTS
            ),
        },
    }


def own(name: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the needed rights: role → actions on resources of the environment."""
    application = f"wealist-{name}-user-service"
    image = f"arn:aws:ecr:{HERE}:repository/{application}"
    secret = f"arn:aws:ssm:{HERE}:parameter/wealist/{name}/db/user_db_password"
    fleet = f"arn:aws:autoscaling:{HERE}:autoScalingGroup:1-2:autoScalingGroupName/wealist-{name}-backend-asg"
    targets = f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/wealist-{name}-user-tg/0123"
    pushes = ("InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage", "BatchGetImage")
    return {
        "ec2-role": (
            ("ssm:GetParameter", secret),
            ("ssm:GetParameters", secret),
            # By path, the resource is the path.
            ("ssm:GetParametersByPath", f"arn:aws:ssm:{HERE}:parameter/wealist/{name}"),
            ("kms:Decrypt", KEY),
            ("ecr:GetAuthorizationToken", "*"),
            ("ecr:BatchCheckLayerAvailability", image),
            ("ecr:GetDownloadUrlForLayer", image),
            ("ecr:BatchGetImage", image),
            ("s3:ListBucket", bucket("deploy-scripts", name)),
            ("s3:ListBucket", bucket("app-resources", name)),
            ("s3:GetObject", f"{bucket('deploy-scripts', name)}/key"),
            ("s3:GetObject", f"{bucket('codedeploy-artifacts', name)}/key"),
            *((action, f"{bucket('app-resources', name)}/key") for action in OBJECTS),
        ),
        "codedeploy-role": (
            ("autoscaling:PutLifecycleHook", fleet),
            ("autoscaling:CompleteLifecycleAction", fleet),
            ("elasticloadbalancing:RegisterTargets", targets),
            ("elasticloadbalancing:DeregisterTargets", targets),
            ("ec2:DescribeInstances", "*"),
        ),
        "github-actions-role": (
            ("ssm:GetParameter", secret),
            ("ssm:PutParameter", secret),
            ("ssm:SendCommand", "arn:aws:ssm:ap-northeast-2::document/AWS-RunShellScript"),
            ("ssm:SendCommand", f"arn:aws:ec2:{HERE}:instance/i-0123456789abcdef0"),
            ("ecr:GetAuthorizationToken", "*"),
            *((f"ecr:{action}", image) for action in pushes),
            *((action, f"{bucket('codedeploy-artifacts', name)}/key") for action in OBJECTS),
            *((action, f"{bucket('app-artifacts', name)}/key") for action in OBJECTS),
            (
                "codedeploy:CreateDeployment",
                f"arn:aws:codedeploy:{HERE}:deploymentgroup:{application}/{application}-group",
            ),
            (
                "codedeploy:GetDeployment",
                f"arn:aws:codedeploy:{HERE}:deploymentgroup:{application}/{application}-group",
            ),
            # With a slash, as the document writes it, it would never match.
            ("codedeploy:RegisterApplicationRevision", f"arn:aws:codedeploy:{HERE}:application:{application}"),
            ("ec2:DescribeInstances", "*"),
            ("autoscaling:DescribeAutoScalingGroups", "*"),
            ("cloudfront:CreateInvalidation", "aws_cloudfront_distribution.frontend_distribution.arn"),
        ),
    }


def trust(stack: Stack, name: str, role: str) -> dict[str, Any]:
    """Return the only statement of a role's trust policy."""
    found = stack.only("aws_iam_role", name=f"wealist-{name}-{role}")
    (statement,) = found.statements("assume_role_policy").values()
    return statement


@pytest.mark.parametrize("service", ["ec2", "codedeploy"])
def test_instances_and_codedeploy_assume_their_own_roles(name: str, stack: Stack, service: str) -> None:
    statement = trust(stack, name, f"{service}-role")
    assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole"]


def test_every_instance_runs_as_the_instances_role_and_every_deployment_as_codedeploys(name: str, stack: Stack) -> None:
    profile = stack.only("aws_iam_instance_profile")
    assert stack.target(profile, "role")["name"] == f"wealist-{name}-ec2-role"
    templates = [each["iam_instance_profile"]["arn"] for each in stack.all("aws_launch_template")]
    assert set(templates) == {f"${{{profile.address}.arn}}"}
    for group in stack.all("aws_codedeploy_deployment_group"):
        assert stack.target(group, "service_role_arn")["name"] == f"wealist-{name}-codedeploy-role"


def test_githubs_role_needs_the_deploy_branch_and_a_token_for_aws(name: str, stack: Stack) -> None:
    """The document requires only the subject; audience and branch are added."""
    statement = trust(stack, name, "github-actions-role")
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    assert stack.at(statement["Principal"]["Federated"][2:-5])["url"] == f"https://{GITHUB}"
    assert statement["Condition"]["StringEquals"] == {
        f"{GITHUB}:aud": "sts.amazonaws.com",
        f"{GITHUB}:ref": f"refs/heads/deploy-{name}",
    }


@pytest.mark.parametrize(
    ("subject", "trusted"),
    [
        ("repo:OrangesCloud/user-service:ref:refs/heads/deploy-prod", True),
        ("repo:orangescloud/user-service:ref:refs/heads/deploy-prod", True),
        ("repo:OrangesCloud@123456/user-service@654321:ref:refs/heads/deploy-prod", True),
        ("repo:OrangesCloudX/user-service:ref:refs/heads/deploy-prod", False),
        ("repo:evil/OrangesCloud/user-service:ref:refs/heads/deploy-prod", False),
        ("repo:evil@1/OrangesCloud@2:ref:refs/heads/deploy-prod", False),
    ],
)
def test_both_forms_of_a_subject_are_trusted_and_no_similar_one(prod: Stack, subject: str, *, trusted: bool) -> None:
    patterns = trust(prod, "prod", "github-actions-role")["Condition"]["StringLike"][f"{GITHUB}:sub"]
    assert any(fnmatchcase(subject, pattern) for pattern in patterns) is trusted


@pytest.mark.parametrize("role", ["ec2-role", "codedeploy-role", "github-actions-role"])
def test_each_role_may_do_what_the_document_lists_in_its_own_environment(name: str, stack: Stack, role: str) -> None:
    granted = grants_of(stack, f"wealist-{name}-{role}")
    missing = [each for each in own(name)[role] if not allows(granted, *each, Environment=name)]
    assert missing == []


@pytest.mark.parametrize("role", ["ec2-role", "github-actions-role"])
def test_no_role_may_do_more_than_the_document_lists_without_a_listed_reason(
    name: str, stack: Stack, role: str
) -> None:
    ceiling, reasons = documented(name)[role], BEYOND_THE_DOCUMENT[role]
    granted = grants_of(stack, f"wealist-{name}-{role}")
    beyond = {grant.action for grant in granted if not allows(ceiling, grant.action, grant.resource)}
    assert not [action for action in beyond if not any(fnmatchcase(action, reason) for reason in reasons)]
    assert not [reason for reason in reasons if not any(fnmatchcase(action, reason) for action in beyond)]


def test_the_documented_policies_of_the_instances_have_their_names(name: str, stack: Stack) -> None:
    documented_names = {f"wealist-{name}-{policy}-policy" for policy in ("ssm-kms", "ecr", "s3")}
    assert documented_names <= stack.policies(f"wealist-{name}-ec2-role").keys()
    assert f"wealist-{name}-github-actions-policy" in stack.policies(f"wealist-{name}-github-actions-role")


def test_githubs_rights_are_limited_to_arns(name: str, stack: Stack) -> None:
    granted = grants_of(stack, f"wealist-{name}-github-actions-role")
    everywhere = (each for grant in granted if grant.resource == "*" for each in catalog().expand(grant.action))
    assert [action.name for action in everywhere if action.arns] == []


def test_roles_use_only_the_environments_key(stack: Stack) -> None:
    """The document says `kms:Decrypt` on `*`."""
    granted = {grant for role in stack.all("aws_iam_role") for grant in grants_of(stack, role["name"])}
    assert {grant.resource for grant in granted if grant.action.startswith("kms:")} == {KEY}
