"""What the workflows of the services need: section 9's list, each service's actions on its own ARNs (ADR 0005)."""

from collections.abc import Iterator

from wealist.checks.iam.needs.arns import HERE, INSTANCES, OWN_KEY, objects
from wealist.checks.iam.needs.need import Need, actions
from wealist.spec.account import ACCOUNT_ID, REGION
from wealist.spec.environment import Environment


def needs(config: Environment) -> Iterator[Need]:
    """The needs of the role of the services' workflows."""
    names = config.names
    buckets = (names.codedeploy_artifacts_bucket, names.app_artifacts_bucket, names.frontend_bucket)
    for why, what, on in (
        (
            "section 9: settings are read and written",
            "ssm: GetParameter PutParameter",
            (f"arn:aws:ssm:{HERE}:parameter{names.parameter('*')}",),
        ),
        ("the secret ones are encrypted with the environment's key (ADR 0006)", "kms: Decrypt Encrypt", (OWN_KEY,)),
        (
            "section 9: commands, of AWS's one document",
            "ssm: SendCommand",
            (f"arn:aws:ssm:{REGION}::document/AWS-RunShellScript",),
        ),
        ("section 9: logging in has no resource", "ecr: GetAuthorizationToken", ("*",)),
        (
            "section 9: images are pushed (ADR 0005)",
            (
                "ecr: BatchCheckLayerAvailability BatchGetImage CompleteLayerUpload DescribeImages "
                "GetDownloadUrlForLayer InitiateLayerUpload PutImage UploadLayerPart"
            ),
            tuple(f"arn:aws:ecr:{HERE}:repository/{names(service.full_name)}" for service in config.services),
        ),
        (
            "section 9: bundles, build artifacts, the site (ADR 0005)",
            "s3: PutObject GetObject DeleteObject",
            tuple(objects(bucket) for bucket in buckets),
        ),
        (
            "section 9: deployments are started and awaited (ADR 0004)",
            "codedeploy: CreateDeployment GetDeployment",
            (f"arn:aws:codedeploy:{HERE}:deploymentgroup:{names('*')}/*",),
        ),
        (
            "section 9: revisions are registered; `aws deploy` reads them back (ADR 0004)",
            "codedeploy: RegisterApplicationRevision GetApplicationRevision",
            (f"arn:aws:codedeploy:{HERE}:application:{names('*')}",),
        ),
        (
            "`aws deploy` reads it before it creates a deployment",
            "codedeploy: GetDeploymentConfig",
            (f"arn:aws:codedeploy:{HERE}:deploymentconfig:CodeDeployDefault.*",),
        ),
        (
            "section 9: what is deployed to; the calls have no resource",
            "ec2: DescribeInstances autoscaling: DescribeAutoScalingGroups",
            ("*",),
        ),
        (
            "section 9: a new site is shown at once",
            "cloudfront: CreateInvalidation",
            (f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/aws_cloudfront_distribution.*",),
        ),
    ):
        yield Need(who=names("github-actions-role"), why=why, actions=actions(what), on=on)
    yield Need(
        who=names("github-actions-role"),
        why="section 9: commands, on the environment's own instances (ADR 0005)",
        actions=actions("ssm: SendCommand"),
        on=(INSTANCES,),
        when={"ssm:resourceTag/Environment": (config.name,)},
    )
