"""What the roles that plan and apply need: the calls in the life of each type, and what is bounded by our names.

plan    reads everything of every type ─ parameters ─ states ─ puts plans
apply   the same, and makes, changes and deletes ─ IAM under the boundary ─ buckets ─ writes states, reads plans
"""

from collections.abc import Iterable, Iterator
from typing import Final

from wealist.checks.iam.needs.life import LIFE
from wealist.checks.iam.needs.need import Need, actions
from wealist.spec.account import (
    ACCOUNT_ID,
    BOUNDARY_ARN,
    PIPELINE,
    PLANS_BUCKET,
    PROJECT,
    REGION,
    STATE_BUCKET,
    STATE_LOCK_SUFFIX,
    state_key,
)
from wealist.spec.environment import Environment
from wealist.spec.naming import MONITORING_FILES

STACK: Final = "account"
"""The stack of both roles."""
PLAN: Final = f"{PIPELINE}-plan-role"
APPLY: Final = f"{PIPELINE}-apply-role"
_READS: Final = ("BatchGet", "Describe", "Get", "List")
_KEYS: Final = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/*"
_PARAMETERS: Final = f"arn:aws:ssm:{REGION}:{ACCOUNT_ID}:parameter/{PROJECT}/*"
_BUCKETS: Final = f"arn:aws:s3:::{PROJECT}-*"
_ROLES, _POLICIES, _PROFILES = (
    f"arn:aws:iam::{ACCOUNT_ID}:{kind}/{PROJECT}-*" for kind in ("role", "policy", "instance-profile")
)
_FILES: Final = f"arn:aws:s3:::{PROJECT}-deploy-scripts*/{MONITORING_FILES}*"
_BOUNDED: Final = {"iam:PermissionsBoundary": (BOUNDARY_ARN,)}
_S3_READS: Final = actions(
    "s3: GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging "
    "GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPublicAccessBlock "
    "GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration "
    "GetLifecycleConfiguration GetReplicationConfiguration ListBucket"
)
"""What refreshing a bucket and its settings takes; the actions are not called as the operations are."""
_IAM_READS: Final = actions(
    "iam: GetInstanceProfile GetOpenIDConnectProvider GetPolicy GetPolicyVersion GetRole GetRolePolicy "
    "ListAttachedRolePolicies ListInstanceProfilesForRole ListOpenIDConnectProviders ListPolicyVersions "
    "ListRolePolicies"
)


def needs(environments: Iterable[Environment]) -> list[Need]:
    """The needs of both roles, for the stacks of these environments and the account's own."""
    return [
        *_reading(PLAN),
        *_reading(APPLY),
        *_writing(),
        *_identity(),
        *_storage(),
        *_emptying(environments),
    ]


def _life(*, reads: bool) -> tuple[str, ...]:
    calls = (f"{words[0]}:{verb}" for text in LIFE.values() for words in [text.split()] for verb in words[1:])
    return tuple(dict.fromkeys(each for each in calls if each.partition(":")[2].startswith(_READS) is reads))


def _through(service: str) -> dict[str, tuple[str, ...]]:
    return {"kms:ViaService": (f"{service}.{REGION}.amazonaws.com",)}


def _reading(who: str) -> Iterator[Need]:
    yield Need(
        who=who,
        why="what the stacks hold is refreshed",
        actions=(*_life(reads=True), *_S3_READS, *_IAM_READS, "secretsmanager:GetRandomPassword"),
        on=("*",),
        by_beginning=True,
    )
    yield Need(
        who=who,
        why="parameters are compared with their values",
        actions=actions("ssm: GetParameter GetParameters"),
        on=(_PARAMETERS,),
    )
    yield Need(
        who=who, why="the same, the secret ones", actions=actions("kms: Decrypt"), on=(_KEYS,), when=_through("ssm")
    )


def _writing() -> Iterator[Need]:
    yield Need(
        who=APPLY,
        why="what the stacks hold is made, changed and deleted; most of it bears no name of ours",
        actions=tuple(each for each in _life(reads=False) if not each.startswith(("ssm:", "s3:"))),
        on=("*",),
        by_beginning=True,
    )
    yield Need(
        who=APPLY,
        why="CloudWatch takes CloudFront's logs (ADR 0012)",
        actions=actions("cloudfront: AllowVendedLogDeliveryForResource"),
        on=("*",),
        by_beginning=True,
    )
    for why, what, on, when in (
        (
            "parameters are written",
            "ssm: PutParameter DeleteParameter AddTagsToResource RemoveTagsFromResource",
            _PARAMETERS,
            {},
        ),
        ("the same, the secret ones", "kms: Encrypt", _KEYS, _through("ssm")),
        (
            "EC2 looks up a template's image as whoever writes the template (ADR 0013)",
            "ssm: GetParameters",
            f"arn:aws:ssm:{REGION}::parameter/aws/service/*",
            {},
        ),
        (
            "RDS makes the master password's secret as whoever makes the database",
            "secretsmanager: CreateSecret TagResource",
            f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:rds!*",
            {},
        ),
        ("the same, encrypted", "kms: Decrypt GenerateDataKey", _KEYS, _through("secretsmanager")),
        (
            "RDS, ElastiCache and EBS use the environment's key by a grant of whoever makes them",
            "kms: CreateGrant",
            _KEYS,
            {"kms:GrantIsForAWSResource": ("true",)},
        ),
        (
            "EBS encrypts a volume as whoever makes it",
            "kms: Decrypt GenerateDataKeyWithoutPlaintext",
            _KEYS,
            _through("ec2"),
        ),
    ):
        yield Need(who=APPLY, why=why, actions=actions(what), on=(on,), when=when)


def _identity() -> Iterator[Need]:
    """IAM, by our names and under the boundary (ADR 0019)."""
    for why, what, on, when in (
        (
            "roles are made, and made to do something, under the boundary",
            "iam: CreateRole DeleteRolePolicy PutRolePermissionsBoundary PutRolePolicy",
            (_ROLES,),
            _BOUNDED,
        ),
        (
            "the same, with our own policies",
            "iam: AttachRolePolicy DetachRolePolicy",
            (_ROLES,),
            {**_BOUNDED, "iam:PolicyARN": (_POLICIES,)},
        ),
        (
            "roles are changed and deleted, and none of it gives one a right that the boundary keeps from it",
            "iam: DeleteRole TagRole UntagRole UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription",
            (_ROLES,),
            {},
        ),
        (
            "policies and profiles are made, changed and deleted",
            (
                "iam: CreatePolicy* DeletePolicy* TagPolicy* UntagPolicy* CreateInstanceProfile DeleteInstanceProfile "
                "TagInstanceProfile UntagInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile"
            ),
            (_POLICIES, _PROFILES),
            {},
        ),
        (
            "each role is handed to the service that takes it",
            "iam: PassRole",
            (_ROLES,),
            {"iam:PassedToService": tuple(f"{each}.amazonaws.com" for each in ("codedeploy", "ec2", "vpc-flow-logs"))},
        ),
        (
            "the first of its kind in an account makes the service's own role",
            "iam: CreateServiceLinkedRole",
            (f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/*",),
            {
                "iam:AWSServiceName": tuple(
                    f"{each}.amazonaws.com" for each in ("autoscaling", "elasticache", "elasticloadbalancing", "rds")
                )
            },
        ),
    ):
        yield Need(who=APPLY, why=why, actions=actions(what), on=on, when=when)


def _storage() -> Iterator[Need]:
    """Buckets by our names, states and plans (ADR 0019, 0022)."""
    states, plans = f"arn:aws:s3:::{STATE_BUCKET}", f"arn:aws:s3:::{PLANS_BUCKET}/*"
    every = f"{states}/{state_key('*')}"
    locks = f"{every}{STATE_LOCK_SUFFIX}"
    yield Need(
        who=APPLY,
        why="buckets and their settings are made, changed and deleted",
        actions=actions(
            "s3: CreateBucket DeleteBucket DeleteBucketPolicy PutBucketOwnershipControls PutBucketPolicy "
            "PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration "
            "PutLifecycleConfiguration"
        ),
        on=(_BUCKETS,),
        by_beginning=True,
    )
    for who, why, what, on in (
        *(
            (who, f"{why} by its state", what, (on,))
            for who, why, verbs in ((PLAN, "plans begin", "GetObject"), (APPLY, "applies begin", "GetObject PutObject"))
            for what, on in (("s3: ListBucket", states), (f"s3: {verbs}", every))
        ),
        (APPLY, "nobody else applies meanwhile", "s3: GetObject PutObject DeleteObject", (locks,)),
        (PLAN, "a plan waits for its review", "s3: PutObject", (plans,)),
        (APPLY, "what is applied is the plan that was reviewed", "s3: GetObject", (plans,)),
        *(
            (who, "the monitoring instance's files (ADR 0026)", f"s3: {verb}Object {verb}ObjectTagging", (_FILES,))
            for who, verb in ((PLAN, "Get"), (APPLY, "Get"), (APPLY, "Put"))
        ),
        (
            APPLY,
            "a file that goes, goes with its versions",
            "s3: DeleteObject DeleteObjectVersion",
            (_FILES,),
        ),
    ):
        yield Need(who=who, why=why, actions=actions(what), on=on)


def _emptying(environments: Iterable[Environment]) -> Iterator[Need]:
    """Only of environments that may be destroyed (ADR 0047)."""
    for each in environments:
        if each.may_be_destroyed:
            buckets = tuple(f"arn:aws:s3:::{bucket}" for bucket in each.names.buckets)
            yield Need(
                who=APPLY,
                why=f"{each.name} may be destroyed, and its buckets are emptied first",
                actions=actions("s3: DeleteObject DeleteObjectVersion ListBucketVersions"),
                on=(*buckets, *(f"{bucket}/*" for bucket in buckets)),
            )
