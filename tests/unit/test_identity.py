"""Section 9 of the architecture, on the synthesized JSON: three roles, and not one right more than they need."""

from fnmatch import fnmatchcase
from typing import Any, Final

import pytest

from tests.policies import Grant, allows, grants, grants_of
from tests.synthesized import Stack, attribute_of

HERE: Final = "ap-northeast-2:290008131187"
KEY: Final = "aws_kms_key.encryption_key.arn"
GITHUB: Final = "token.actions.githubusercontent.com"
BUCKETS: Final = {"prod": "", "dev": "-dev"}
"""What the names of an environment's buckets end with."""
OTHER: Final = {"prod": "dev", "dev": "prod"}
TARGETS: Final = f"arn:aws:elasticloadbalancing:{HERE}:targetgroup"
LOOKS: Final = {
    "autoscaling:DescribeAutoScalingGroups": "the group, before and after",
    "autoscaling:DescribeAutoScalingInstances": "whether an instance is in service yet",
    "autoscaling:DescribeLifecycleHooks": "its own hook on launches",
    "ec2:DescribeInstances": "the instances to deploy to",
    "ec2:DescribeInstanceStatus": "whether one is well",
    "elasticloadbalancing:DescribeLoadBalancers": "what stands before the target group",
    "elasticloadbalancing:DescribeTargetGroupAttributes": "how long a target takes to be drained",
    "elasticloadbalancing:DescribeTargetGroups": "the group of the deployment group's name",
    "elasticloadbalancing:DescribeTargetHealth": "whether traffic has stopped, and come back",
}
"""What CodeDeploy looks at during a deployment, on everything, as none has a resource → why."""


def written(name: str) -> dict[str, set[Grant]]:
    """The policies as built: name → each action on each resource."""
    end = BUCKETS[name]
    artifacts, site = f"arn:aws:s3:::wealist-codedeploy-artifacts{end}", f"arn:aws:s3:::wealist-frontend{end}"
    scripts, resources = f"arn:aws:s3:::wealist-deploy-scripts{end}", f"arn:aws:s3:::wealist-app-resources{end}"
    root = f"arn:aws:ssm:{HERE}:parameter/wealist/{name}"
    fleet = f"arn:aws:autoscaling:{HERE}:autoScalingGroup:*:autoScalingGroupName/wealist-{name}-backend-asg"
    objects = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
    hooks = ("CompleteLifecycleAction", "DeleteLifecycleHook", "PutLifecycleHook", "RecordLifecycleActionHeartbeat")
    return {
        "ssm-kms-policy": {
            *(Grant(f"ssm:{each}", f"{root}/*") for each in ("GetParameter", "GetParameters", "GetParametersByPath")),
            # By path, the resource is the path: the root itself is no parameter of its own.
            Grant("ssm:GetParametersByPath", root),
            Grant("kms:Decrypt", KEY),
        },
        "ecr-policy": {
            Grant("ecr:GetAuthorizationToken", "*"),
            *(
                Grant(f"ecr:{each}", f"arn:aws:ecr:{HERE}:repository/wealist-{name}-*")
                for each in ("BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage")
            ),
        },
        "s3-policy": {
            Grant("s3:ListBucket", scripts),
            Grant("s3:ListBucket", resources),
            Grant("s3:GetObject", f"{scripts}/*"),
            *(Grant(action, f"{resources}/*") for action in objects),
            Grant("s3:GetObject", f"{artifacts}/*"),
            Grant("s3:GetObjectVersion", f"{artifacts}/*"),
        },
        "codedeploy-policy": {
            *(Grant(action, "*") for action in LOOKS),
            *(Grant(f"autoscaling:{each}", fleet) for each in (*hooks, "ResumeProcesses", "SuspendProcesses")),
            *(
                Grant(f"elasticloadbalancing:{each}", f"{TARGETS}/wealist-{name}-{service}-tg/*")
                for each in ("RegisterTargets", "DeregisterTargets")
                for service in ("user", "board")
            ),
        },
        "github-actions-policy": {
            *(
                Grant(action, f"{bucket}/*")
                for action in objects
                for bucket in (artifacts, site, f"arn:aws:s3:::wealist-app-artifacts{end}")
            ),
            Grant("cloudfront:CreateInvalidation", "aws_cloudfront_distribution.frontend_distribution.arn"),
        },
    }


def trust(stack: Stack, role: str) -> dict[str, Any]:
    """The one statement of a role's trust policy."""
    (statement,) = stack.only("aws_iam_role", name=role).statements("assume_role_policy").values()
    return statement


def test_there_are_the_three_documented_roles_and_the_flow_logs(stack: Stack, name: str) -> None:
    roles = {"ec2-role", "codedeploy-role", "github-actions-role", "flow-logs-role"}
    assert {role["name"] for role in stack.all("aws_iam_role")} == {f"wealist-{name}-{role}" for role in roles}


def test_every_role_has_the_policies_of_its_name_and_no_others(stack: Stack, name: str) -> None:
    expected = {
        "ec2-role": {"ssm-kms", "ecr", "s3", "ssm-agent", "monitoring"},
        "codedeploy-role": {"codedeploy"},
        "github-actions-role": {"github-actions"},
        "flow-logs-role": set[str](),
    }
    for role, policies in expected.items():
        assert set(stack.policies(f"wealist-{name}-{role}")) == {f"wealist-{name}-{each}-policy" for each in policies}
    assert len(stack.all("aws_iam_policy")) == len(stack.all("aws_iam_role_policy_attachment")) == 7
    inline = stack.only("aws_iam_role_policy")
    assert stack.target(inline, "role")["name"] == f"wealist-{name}-flow-logs-role"
    for made in stack.all("aws_iam_role"):
        assert not {"managed_policy_arns", "inline_policy"} & set(made)


@pytest.mark.parametrize("policy", ["ssm-kms-policy", "ecr-policy", "s3-policy", "codedeploy-policy"])
def test_a_policy_says_what_is_documented_statement_by_statement(stack: Stack, name: str, policy: str) -> None:
    assert grants(stack.only("aws_iam_policy", name=f"wealist-{name}-{policy}")["policy"]) == written(name)[policy]


def test_github_pushes_deploys_and_refreshes_on_its_own_environments_arns(stack: Stack, name: str) -> None:
    granted = grants_of(stack, f"wealist-{name}-github-actions-role")
    s3_and_cloudfront = {grant for grant in granted if grant.action.startswith(("s3:", "cloudfront:"))}
    assert s3_and_cloudfront == written(name)["github-actions-policy"]
    for service in ("user", "board"):
        image = f"arn:aws:ecr:{HERE}:repository/wealist-{name}-{service}-service"
        application = f"wealist-{name}-{service}-service"
        group = f"arn:aws:codedeploy:{HERE}:deploymentgroup:{application}/{application}-group"
        for verb in ("InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage", "BatchGetImage"):
            assert allows(granted, f"ecr:{verb}", image)
        assert not allows(granted, "ecr:DeleteRepository", image)
        assert allows(granted, "codedeploy:CreateDeployment", group)
        assert allows(granted, "codedeploy:GetDeployment", group)
        # As the document writes it, with a slash, it would never match.
        application_arn = f"arn:aws:codedeploy:{HERE}:application:{application}"
        assert allows(granted, "codedeploy:RegisterApplicationRevision", application_arn)
        assert allows(granted, "codedeploy:GetApplicationRevision", application_arn)
    one_at_a_time = f"arn:aws:codedeploy:{HERE}:deploymentconfig:CodeDeployDefault.OneAtATime"
    assert allows(granted, "codedeploy:GetDeploymentConfig", one_at_a_time)


def test_instances_read_their_environments_parameters_by_its_root_and_no_neighbours(stack: Stack, name: str) -> None:
    granted = grants_of(stack, f"wealist-{name}-ec2-role")
    parameters = f"arn:aws:ssm:{HERE}:parameter"
    for path in (f"/wealist/{name}", f"/wealist/{name}/", f"/wealist/{name}/db"):
        assert allows(granted, "ssm:GetParametersByPath", f"{parameters}{path}")
    for path in ("/", "/wealist", "/wealist/", f"/wealist/{name}-2", f"/wealist/{OTHER[name]}"):
        assert not allows(granted, "ssm:GetParametersByPath", f"{parameters}{path}")


def test_github_runs_commands_on_instances_of_its_own_environment_only(stack: Stack, name: str) -> None:
    granted = grants_of(stack, f"wealist-{name}-github-actions-role")
    instance = f"arn:aws:ec2:{HERE}:instance/i-0123456789abcdef0"
    assert allows(granted, "ssm:SendCommand", "arn:aws:ssm:ap-northeast-2::document/AWS-RunShellScript")
    assert allows(granted, "ssm:SendCommand", instance, Environment=name)
    assert not allows(granted, "ssm:SendCommand", instance, Environment=OTHER[name])
    assert not allows(granted, "ssm:SendCommand", instance)
    for fleet in stack.all("aws_autoscaling_group"):
        assert {"key": "Environment", "value": name, "propagate_at_launch": True} in fleet["tag"]


def test_github_is_trusted_for_this_organisation_its_environments_branch_and_aws_alone(stack: Stack, name: str) -> None:
    statement = trust(stack, f"wealist-{name}-github-actions-role")
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    provider = "data.aws_iam_openid_connect_provider.pipeline_identity_github"
    assert statement["Principal"] == {"Federated": f"${{{provider}.arn}}"}
    assert stack.at(provider)["url"] == f"https://{GITHUB}"
    assert statement["Condition"]["StringEquals"] == {
        f"{GITHUB}:aud": "sts.amazonaws.com",
        f"{GITHUB}:ref": f"refs/heads/deploy-{name}",
    }
    assert set(statement["Condition"]) == {"StringEquals", "StringLike"}
    assert set(statement["Condition"]["StringLike"]) == {f"{GITHUB}:sub"}


@pytest.mark.parametrize(
    ("subject", "trusted"),
    [
        ("repo:OrangesCloud/user-service:ref:refs/heads/deploy-prod", True),
        ("repo:orangescloud/user-service:ref:refs/heads/deploy-prod", True),
        ("repo:OrangesCloud@123456/user-service@654321:ref:refs/heads/deploy-prod", True),
        ("repo:OrangesCloudX/user-service:ref:refs/heads/deploy-prod", False),
        ("repo:OrangesCloud-evil/user-service:ref:refs/heads/deploy-prod", False),
        ("repo:evil/OrangesCloud/user-service:ref:refs/heads/deploy-prod", False),
        ("repo:evil@1/OrangesCloud@2:ref:refs/heads/deploy-prod", False),
    ],
)
def test_both_forms_of_a_subject_are_trusted_and_no_look_alike(prod: Stack, subject: str, *, trusted: bool) -> None:
    patterns = trust(prod, "wealist-prod-github-actions-role")["Condition"]["StringLike"][f"{GITHUB}:sub"]
    assert any(fnmatchcase(subject, pattern) for pattern in patterns) is trusted


@pytest.mark.parametrize("service", ["ec2", "codedeploy"])
def test_only_the_service_itself_assumes_its_role(stack: Stack, name: str, service: str) -> None:
    statement = trust(stack, f"wealist-{name}-{service}-role")
    assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole"]


def test_every_instance_runs_as_the_instances_role(stack: Stack, name: str) -> None:
    profile = stack.only("aws_iam_instance_profile")
    assert stack.target(profile, "role")["name"] == f"wealist-{name}-ec2-role"
    for template in stack.all("aws_launch_template"):
        used = template["iam_instance_profile"]["arn"]
        assert (used, attribute_of(used)) == (f"${{{profile.address}.arn}}", "arn")


def test_only_the_instances_and_github_can_decrypt_and_only_with_this_environments_key(stack: Stack, name: str) -> None:
    with_the_key = {
        role["name"]: {grant.resource for grant in grants_of(stack, role["name"]) if grant.action.startswith("kms:")}
        for role in stack.all("aws_iam_role")
    }
    assert {role: keys for role, keys in with_the_key.items() if keys} == {
        f"wealist-{name}-ec2-role": {KEY},
        f"wealist-{name}-github-actions-role": {KEY},
    }


def test_nobody_outside_the_account_and_the_log_service_may_use_the_key(stack: Stack) -> None:
    statements = stack.only("aws_kms_key").statements()
    assert [statement["Principal"] for statement in statements.values()] == [
        {"AWS": "arn:aws:iam::290008131187:root"},
        {"Service": "logs.ap-northeast-2.amazonaws.com"},
    ]
    assert "ArnLike" in statements["LogGroups"]["Condition"]


def test_github_can_write_a_secret_parameter(stack: Stack, name: str) -> None:
    assert allows(grants_of(stack, f"wealist-{name}-github-actions-role"), "kms:Encrypt", KEY)


def test_a_third_service_may_be_pushed_deployed_and_pulled(with_chat: Stack, name: str) -> None:
    image = f"arn:aws:ecr:{HERE}:repository/wealist-{name}-chat-service"
    assert allows(grants_of(with_chat, f"wealist-{name}-github-actions-role"), "ecr:PutImage", image)
    assert allows(grants_of(with_chat, f"wealist-{name}-ec2-role"), "ecr:BatchGetImage", image)
    target_group = f"{TARGETS}/wealist-{name}-chat-tg/0123"
    assert allows(
        grants_of(with_chat, f"wealist-{name}-codedeploy-role"), "elasticloadbalancing:RegisterTargets", target_group
    )
