"""What the instances need: section 9, 1 to 3, Systems Manager's agent, and monitoring."""

from collections.abc import Iterator

from wealist.checks.iam.needs.arns import HERE, INSTANCES, OWN_KEY, objects
from wealist.checks.iam.needs.need import Need, actions
from wealist.spec.account import REGION
from wealist.spec.environment import Environment


def needs(config: Environment) -> Iterator[Need]:
    """The needs of the role that instances run as."""
    names = config.names
    root = f"arn:aws:ssm:{HERE}:parameter{names.parameter('').removesuffix('/')}"
    own = f"arn:aws:ssm:{HERE}:parameter{names.parameter('*')}"
    for why, what, on in (
        ("section 9, 1: services read their settings", "ssm: GetParameter GetParameters", (own,)),
        ("section 9, 1: the same, by the path", "ssm: GetParametersByPath", (root, own)),
        ("section 9, 1: SecureStrings (ADR 0006)", "kms: Decrypt", (OWN_KEY,)),
        ("section 9, 2: logging in has no resource", "ecr: GetAuthorizationToken", ("*",)),
        (
            "section 9, 2: services are pulled",
            "ecr: BatchCheckLayerAvailability GetDownloadUrlForLayer BatchGetImage",
            (f"arn:aws:ecr:{HERE}:repository/{names('*')}",),
        ),
        (
            "section 9, 3: scripts and resources are looked up",
            "s3: ListBucket",
            tuple(f"arn:aws:s3:::{bucket}" for bucket in (names.deploy_scripts_bucket, names.app_resources_bucket)),
        ),
        ("section 9, 3: scripts are read", "s3: GetObject", (objects(names.deploy_scripts_bucket),)),
        (
            "section 9, 3: services keep files",
            "s3: GetObject PutObject DeleteObject",
            (objects(names.app_resources_bucket),),
        ),
        (
            "CodeDeploy's agent downloads bundles as the instance (ADR 0007)",
            "s3: GetObject GetObjectVersion",
            (objects(names.codedeploy_artifacts_bucket),),
        ),
        (
            "Systems Manager's agent; no instance has an id before it runs (ADR 0011)",
            (
                "ssm: UpdateInstanceInformation ListAssociations ListInstanceAssociations "
                "UpdateInstanceAssociationStatus DescribeDocument GetDocument "
                "ssmmessages: CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel "
                "ec2messages: AcknowledgeMessage DeleteMessage FailMessage GetEndpoint GetMessages SendReply"
            ),
            ("*",),
        ),
        (
            "Prometheus finds what to scrape, an instance its volume; the calls have no resource (ADR 0007)",
            "ec2: DescribeInstances DescribeAvailabilityZones DescribeVolumes",
            ("*",),
        ),
        (
            "the monitoring instance attaches the volume of its data (ADR 0026)",
            "ec2: AttachVolume",
            (f"arn:aws:ec2:{HERE}:volume/aws_ebs_volume.*",),
        ),
    ):
        yield Need(who=names("ec2-role"), why=why, actions=actions(what), on=on)
    yield Need(
        who=names("ec2-role"),
        why="attaching asks for the instance too: monitoring's alone (ADR 0026)",
        actions=actions("ec2: AttachVolume"),
        on=(INSTANCES,),
        when={"aws:ResourceTag/Role": ("monitoring",), "aws:ResourceTag/Environment": (config.name,)},
    )
    yield Need(
        who=names("ec2-role"),
        why="EC2 decrypts an attached volume by a grant, for itself alone (ADR 0026)",
        actions=actions("kms: CreateGrant"),
        on=(OWN_KEY,),
        when={"kms:GrantIsForAWSResource": ("true",), "kms:ViaService": (f"ec2.{REGION}.amazonaws.com",)},
    )
