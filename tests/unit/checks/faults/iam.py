"""Rights that nobody should have, one fault each, and the control of the IAM proof that must notice."""

from functools import partial
from typing import Final

from tests.guarded import Fault
from tests.unit.checks.faults.edits import add, drop, put
from tests.unit.checks.faults.iam_edits import (
    ACCOUNT,
    CODEDEPLOY,
    FLOW_LOG,
    HERE,
    INSTANCES,
    KEY,
    SECRETS,
    WORKFLOWS,
    allow,
    change,
    policy,
    without,
    without_condition,
)
from tests.unit.checks.faults.iam_pipeline import FAULTS as OF_THE_PIPELINE
from tests.unit.checks.faults.iam_role_passing import FAULTS as OF_ROLES
from tests.unit.checks.faults.iam_sharing import FAULTS as OF_SHARING
from tests.unit.checks.faults.iam_tags import FAULTS as OF_TAGS
from tests.unit.checks.faults.iam_trust import FAULTS as OF_TRUST

_prod: Final = partial(Fault, stack="prod")

FAULTS: Final = [
    *OF_ROLES,
    *OF_THE_PIPELINE,
    *OF_SHARING,
    *OF_TAGS,
    *OF_TRUST,
    _prod("instances are administrators", edit=allow(INSTANCES, "*"), control="IAM.1"),
    _prod("instances do anything by its long name", edit=allow(INSTANCES, "*:*"), control="IAM.1"),
    _prod("workflows have all of ECR, as documented", edit=allow(WORKFLOWS, "ecr:*"), control="IAM.21"),
    _prod("all of a service in other letters", edit=allow(WORKFLOWS, "ECR:*"), control="IAM.21"),
    _prod("an action that AWS does not have", edit=allow(INSTANCES, "s3:ReadObject"), control="iam.actions"),
    _prod("an action of an unknown service", edit=allow(INSTANCES, "polly:SynthesizeSpeech"), control="iam.actions"),
    _prod(
        "CodeDeploy's ARN with a slash, as documented",
        edit=change(
            WORKFLOWS,
            "RegisterRevision",
            lambda each: each.update(Resource=[f"arn:aws:codedeploy:{HERE}:application/wealist-prod-*"]),
        ),
        control="iam.resources",
    ),
    _prod(
        "a bucket is listed by its objects",
        edit=change(
            INSTANCES,
            "ListScriptsAndResources",
            lambda each: each.update(Resource=["arn:aws:s3:::wealist-deploy-scripts/*"]),
        ),
        control="iam.resources",
    ),
    _prod(
        "an action without resources is given one",
        edit=change(
            FLOW_LOG,
            "FindLogGroups",
            lambda each: each.update(
                Action=["ecr:GetAuthorizationToken"], Resource=[f"arn:aws:ecr:{HERE}:repository/wealist-prod-*"]
            ),
        ),
        control="iam.resources",
    ),
    _prod(
        "a key that the action never has",
        edit=change(
            SECRETS,
            "ReadOwnParameters",
            lambda each: each.update(Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
        ),
        control="iam.conditions",
    ),
    _prod(
        "an operator that holds without its key",
        edit=change(
            WORKFLOWS,
            "RunOnOwnInstances",
            lambda each: each.update(Condition={"StringEqualsIfExists": {"ssm:resourceTag/Environment": "prod"}}),
        ),
        control="iam.conditions",
    ),
    _prod(
        "all but one action",
        edit=policy(
            INSTANCES,
            lambda all_: all_.append({"Sid": "Mistake", "Effect": "Allow", "NotAction": ["iam:*"], "Resource": ["*"]}),
        ),
        control="iam.all-but",
    ),
    _prod(
        "all but one bucket",
        edit=policy(
            INSTANCES,
            lambda all_: all_.append(
                {
                    "Sid": "Mistake",
                    "Effect": "Allow",
                    "Action": ["s3:GetObject"],
                    "NotResource": ["arn:aws:s3:::other/*"],
                }
            ),
        ),
        control="iam.all-but",
    ),
    _prod(
        "a statement without its effect",
        edit=change(INSTANCES, "ReadScripts", lambda each: each.pop("Effect")),
        control="iam.form",
    ),
    _prod(
        "a policy by data source",
        edit=put("aws_iam_policy.identity_ec2_s3_policy.policy", to="${data.aws_iam_policy_document.s3.json}"),
        control="iam.literal",
    ),
    _prod(
        "an ARN from an output nobody can see",
        edit=change(
            INSTANCES, "ReadScripts", lambda each: each.update(Resource=["${module.backend_fleet_bootstrap.arn}"])
        ),
        control="iam.literal",
    ),
    _prod(
        "one of AWS's own policies is attached",
        edit=add(
            "aws_iam_role_policy_attachment",
            role="${aws_iam_role.identity_ec2_role.name}",
            policy_arn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
        ),
        control="iam.literal",
    ),
    _prod("a user with keys", edit=add("aws_iam_access_key", user="somebody"), control="iam.known"),
    _prod(
        "a function that anybody may call", edit=add("aws_lambda_permission", principal="*"), control="iam.principal"
    ),
    _prod(
        "an inline policy inside the role",
        edit=put("aws_iam_role.identity_ec2_role.inline_policy", to=[{"name": "x", "policy": "{}"}]),
        control="iam.known",
    ),
    _prod(
        "an object that everybody reads",
        edit=add("aws_s3_object", bucket="wealist-frontend", key="x", acl="public-read"),
        control="iam.known",
    ),
    _prod("instances decrypt with any key, as documented", edit=allow(SECRETS, "kms:Decrypt"), control="iam.wildcard"),
    _prod(
        "instances read every environment's parameters",
        edit=allow(SECRETS, "ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/wealist/*"),
        control="iam.own-resources",
    ),
    _prod("instances read everybody's buckets", edit=allow(INSTANCES, "s3:GetObject"), control="iam.wildcard"),
    _prod(
        "instances send to a queue of another account",
        edit=allow(INSTANCES, "sqs:SendMessage", "arn:aws:sqs:ap-northeast-2:111122223333:wealist-prod-jobs"),
        control="iam.own-resources",
    ),
    _prod(
        "instances read a state",
        edit=allow(INSTANCES, "s3:GetObject", "arn:aws:s3:::wealist-tfstate-bucket/wealist/prod.tfstate"),
        control="iam.own-resources",
    ),
    _prod(
        "a right that nobody has given a reason for",
        edit=allow(INSTANCES, "s3:GetObject", "arn:aws:s3:::wealist-app-resources/*"),
        control="iam.why",
    ),
    _prod(
        "a policy that no role has",
        edit=drop("aws_iam_role_policy_attachment", "identity_ec2_s3_attachment"),
        control="iam.unattached",
    ),
    _prod(
        "instances cannot decrypt the parameters that they read",
        edit=without(SECRETS, "DecryptOwnParameters"),
        control="iam.key-use",
    ),
    _prod("CloudWatch cannot encrypt log groups", edit=without(KEY, "LogGroups"), control="iam.key-use"),
    _prod(
        "workflows write the artifacts of dev",
        edit=allow(WORKFLOWS, "s3:PutObject", "arn:aws:s3:::wealist-app-artifacts-dev/*"),
        control="iam.own-resources",
    ),
    _prod(
        "commands on instances of any environment",
        edit=change(WORKFLOWS, "RunOnOwnInstances", without_condition),
        control="iam.own-resources",
    ),
    _prod(
        "instances cannot read their parameters by path",
        edit=without(SECRETS, "ReadOwnParametersByPath"),
        control="iam.parameters",
    ),
    _prod(
        "anybody reads the site past CloudFront",
        edit=change(
            ("aws_s3_bucket_policy", "frontend_site_policy"),
            "OnlyThisDistributionReads",
            lambda each: each.update(Principal="*"),
        ),
        control="iam.principal",
    ),
    _prod(
        "any distribution reads the site",
        edit=change(("aws_s3_bucket_policy", "frontend_site_policy"), "OnlyThisDistributionReads", without_condition),
        control="iam.principal",
    ),
    _prod(
        "another account has the key",
        edit=change(KEY, "AccountByIam", lambda each: each.update(Principal={"AWS": "arn:aws:iam::111122223333:root"})),
        control="iam.principal",
    ),
    _prod(
        "the endpoint lets any account's principals write",
        edit=change(("aws_vpc_endpoint", "endpoints_s3"), "OwnAccount", without_condition),
        control="iam.principal",
    ),
    _prod(
        "an endpoint that everything goes through",
        edit=put("aws_vpc_endpoint.endpoints_ssm.policy", to=None),
        control="iam.literal",
    ),
    _prod(
        "CodeDeploy passes every role",
        edit=allow(
            CODEDEPLOY, "iam:PassRole", "*", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
        ),
        control="iam.pass-role",
    ),
    _prod(
        "CodeDeploy passes a role to any service",
        edit=allow(CODEDEPLOY, "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/wealist-prod-ec2-role"),
        control="iam.pass-role",
    ),
    _prod(
        "workflows put a policy on their own role",
        edit=allow(WORKFLOWS, "iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/wealist-prod-github-actions-role"),
        control="iam.escalation",
    ),
    _prod(
        "workflows make a new version of a policy",
        edit=allow(WORKFLOWS, "iam:CreatePolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/wealist-*"),
        control="iam.escalation",
    ),
    _prod(
        "instances become the apply role",
        edit=allow(INSTANCES, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/wealist-terraform-apply-role"),
        control="iam.escalation",
    ),
    _prod(
        "instances give the key away",
        edit=allow(SECRETS, "kms:PutKeyPolicy", "${aws_kms_key.encryption_key.arn}"),
        control="iam.escalation",
    ),
    _prod(
        "a role without the boundary",
        edit=put("aws_iam_role.identity_ec2_role.permissions_boundary", to=None),
        control="iam.boundary",
    ),
    _prod(
        "a role under a wider boundary",
        edit=put(
            "aws_iam_role.identity_ec2_role.permissions_boundary", to="arn:aws:iam::aws:policy/AdministratorAccess"
        ),
        control="iam.boundary",
    ),
]
