"""Names of what belongs to others, in both environments at once: nothing that compares the two would notice."""

import json
from typing import Any, Final

from tests.guarded import Edit, faults
from tests.unit.checks.faults.edits import add, put
from tests.unit.checks.faults.rows import written

_BOTH: Final = "dev prod"
_CERTIFICATE: Final = "aws_acm_certificate.frontend_cdn_certificate"
_DISTRIBUTION: Final = "aws_cloudfront_distribution.frontend_distribution"
_GROUP: Final = "aws_codedeploy_deployment_group.deployments_user_service_group"
_REDIS: Final = "aws_elasticache_replication_group.cache_replication_group"
_TEMPLATE: Final = "aws_launch_template.backend_fleet_launch_template"
_ENDPOINT: Final = "aws_ssm_parameter.parameters_db_endpoint.value_wo"
_LOGS: Final = "aws_cloudwatch_log_delivery_destination.frontend_log_destination.delivery_destination_configuration.0"
_ENCRYPTION: Final = "aws_s3_bucket_server_side_encryption_configuration.frontend_site_encryption.rule.0"
_THEIRS: Final = "111111111111"
_KEY: Final = f"arn:aws:kms:ap-northeast-2:{_THEIRS}:key/1f9d2c3b-4a5e-4f60-8a7b-9c0d1e2f3a4b"


def _argument(name: str, value: object) -> Edit:
    """Change an argument of both calls that write user data."""

    def edit(document: dict[str, Any]) -> None:
        for call in document["module"].values():
            call[name] = value

    return edit


def _files(url: str) -> Edit:
    monitoring = {"data_volume": "monitoring-data", "data_volume_gib": 20, "files_url": url}
    return _argument("monitoring", monitoring)


def _trigger(topic: str) -> Edit:
    events = ["DeploymentSuccess"]
    trigger = {"trigger_name": "all", "trigger_events": events, "trigger_target_arn": topic}
    return put(f"{_GROUP}.trigger_configuration", to=[trigger])


def _output(value: str) -> Edit:
    return lambda document: document["output"].update(more={"value": value})


def _record(kind: str, value: str) -> Edit:
    return add("aws_route53_record", name="mail.wealist.co.kr", type=kind, ttl=300, records=[value])


FAULTS: Final = [
    *faults(
        "references.foreign",
        {
            # Domains, hosts and URLs
            "a certificate is for another's domain, too": put(
                f"{_CERTIFICATE}.subject_alternative_names", to=["evil.io"]
            ),
            "a certificate is for a domain that only looks like ours": put(
                f"{_CERTIFICATE}.subject_alternative_names", to=["wealist.co.kr.evil.io"]
            ),
            "a certificate is for a domain that ends like ours": put(
                f"{_CERTIFICATE}.subject_alternative_names", to=["notwealist.co.kr"]
            ),
            "the site answers for another's domain": put(f"{_DISTRIBUTION}.aliases.0", to="www.example.com"),
            "the site comes from another host": put(f"{_DISTRIBUTION}.origin.0.domain_name", to="d111.cloudfront.net"),
            "the site comes from another's bucket": put(
                f"{_DISTRIBUTION}.origin.0.domain_name", to="evil-site.s3.ap-northeast-2.amazonaws.com"
            ),
            "the site comes from another's load balancer": put(
                f"{_DISTRIBUTION}.origin.0.domain_name", to="theirs-123.ap-northeast-2.elb.amazonaws.com"
            ),
            "services connect to another's database": put(_ENDPOINT, to="db.evil.io"),
            "services connect to another's database by its address": put(_ENDPOINT, to="8.8.4.4"),
            "services connect to another's database in AWS": put(
                _ENDPOINT, to="theirs.abc123.ap-northeast-2.rds.amazonaws.com"
            ),
            "services connect to another's database by an expression": put(
                _ENDPOINT, to='${false ? aws_vpc.network_vpc.id : "db.evil.io"}'
            ),
            "services connect to a host below what is filled in": put(
                _ENDPOINT, to="${aws_vpc.network_vpc.id}.evil.io"
            ),
            "a name of ours leads to another's host": _record("CNAME", "theirs.herokuapp.com"),
            "a part of our domain is another's": _record("NS", "ns-1.evil.net"),
            "a name of ours leads to another's address": _record("A", "8.8.8.8"),
            "an output names a program of somebody": _output("https://evil.io/install.sh"),
            "an output names a host before another": _output("https://wealist.co.kr@evil.io/x"),
            # Buckets
            "the load balancer logs into another's bucket": put(
                "aws_lb.load_balancer_alb.access_logs.bucket", to="evil-logs"
            ),
            "the site's log goes to another's bucket": put(
                f"{_LOGS}.destination_resource_arn", to="arn:aws:s3:::evil-logs/cloudfront"
            ),
            "the site's log goes to a bucket that is named like ours": put(
                f"{_LOGS}.destination_resource_arn", to="arn:aws:s3:::wealist-logs/cloudfront"
            ),
            "whoever likes subscribes": add("aws_sns_topic_subscription", endpoint="https://example.com"),
            "objects are logged into another's bucket": add("aws_s3_bucket_logging", target_bucket="evil-logs"),
            "Redis begins with another's data": put(f"{_REDIS}.snapshot_arns", to=["arn:aws:s3:::evil/redis.rdb"]),
            "the monitoring's files are another's": _files("s3://evil-scripts/monitoring/"),
            "the monitoring's files are of a bucket that is named like ours": _files("s3://wealist-evil/monitoring/"),
            "instances may write into another's bucket": written(
                {"instances +": "s3:PutObject on arn:aws:s3:::evil/*"}
            ),
            "instances may write into any bucket of a name": written(
                {"instances +": "s3:PutObject on arn:aws:s3:::w*"}
            ),
            # Registries
            "images come from another's registry": _argument(
                "ecr_registry", f"{_THEIRS}.dkr.ecr.ap-northeast-2.amazonaws.com"
            ),
            "images come from another region": _argument(
                "ecr_registry", "290008131187.dkr.ecr.eu-west-1.amazonaws.com"
            ),
            "images come from another's host": _argument("ecr_registry", "registry.evil.io"),
            # Accounts, topics, keys
            "deployments are told to another's topic": _trigger(f"arn:aws:sns:ap-northeast-2:{_THEIRS}:theirs"),
            "deployments are told to a topic in another region": _trigger("arn:aws:sns:eu-west-1:290008131187:ours"),
            "deployments are told to a topic of another partition": _trigger(
                "arn:aws-cn:sns:ap-northeast-2:290008131187:ours"
            ),
            "objects are encrypted by another's key": put(
                f"{_ENCRYPTION}.apply_server_side_encryption_by_default",
                to={"sse_algorithm": "aws:kms", "kms_master_key_id": _KEY},
            ),
            "objects are encrypted by a key that is nowhere here": put(
                f"{_ENCRYPTION}.apply_server_side_encryption_by_default",
                to={"sse_algorithm": "aws:kms", "kms_master_key_id": "1f9d2c3b-4a5e-4f60-8a7b-9c0d1e2f3a4b"},
            ),
            "a volume is encrypted by another's key of many regions": put(
                "aws_ebs_volume.monitoring_data_volume.kms_key_id", to="mrk-1234abcd12ab34cd56ef1234567890ab"
            ),
            "instances may send to another's queue": written(
                {"instances +": f"sqs:SendMessage on arn:aws:sqs:ap-northeast-2:{_THEIRS}:theirs"}
            ),
            "an output names another's queue": _output(f"https://sqs.ap-northeast-2.amazonaws.com/{_THEIRS}/theirs"),
            "another account may read": written({"site ++ Principal": {"AWS": _THEIRS}}),
            # Images, snapshots and other ids
            "instances start from another's image": put(f"{_TEMPLATE}.image_id", to="ami-0badbadbadbadbad0"),
            "instances start from another's parameter": put(f"{_TEMPLATE}.image_id", to="resolve:ssm:/evil/image"),
            "instances start from an image of a third party": put(
                f"{_TEMPLATE}.image_id", to="resolve:ssm:/aws/service/marketplace/prod-abc/latest"
            ),
            "a disk begins as another's": put(
                f"{_TEMPLATE}.block_device_mappings.0.ebs.snapshot_id", to="snap-0123456789abcdef0"
            ),
            "a volume begins as another's": put(
                "aws_ebs_volume.monitoring_data_volume.snapshot_id", to="snap-0123456789abcdef0"
            ),
            "the site is cached by a policy that nobody knows": put(
                f"{_DISTRIBUTION}.default_cache_behavior.cache_policy_id", to="1f9d2c3b-4a5e-4f60-8a7b-9c0d1e2f3a4b"
            ),
            "a name lies in another's zone": add("aws_route53_record", zone_id="Z0123456789ABCDEFGHIJ", name="x"),
            "endpoints lead to another's service": put(
                "aws_vpc_endpoint.endpoints_ssm.service_name",
                to="com.amazonaws.vpce.ap-northeast-2.vpce-svc-0123456789abcdef0",
            ),
        },
        _BOTH,
    ),
    *faults(
        "references.foreign",
        {
            "tokens for somebody else are accepted": put(
                "aws_iam_openid_connect_provider.github.client_id_list", to=["sts.amazonaws.com", "evil.io"]
            ),
            "tokens for anything named by a word are accepted": put(
                "aws_iam_openid_connect_provider.github.client_id_list", to=["sts.amazonaws.com", "sigstore"]
            ),
            "tokens of another identity provider are accepted": put(
                "aws_iam_openid_connect_provider.github.url", to="https://token.evil.io"
            ),
        },
        "account",
    ),
]
ALLOWED: Final = {
    "mail goes to a provider": _record("MX", "1 aspmx.l.google.com"),
    "a provider asks for a proof": _record("TXT", "google-site-verification=q7Xw2Lk9Zt4Vb8Nm1Rp6Yc3Hd5Js0Gf7Qa2"),
    "mail may come from a provider": _record("TXT", "v=spf1 include:_spf.google.com ~all"),
    "an authority may issue certificates": _record("CAA", '0 issue "amazon.com"'),
    "another managed policy of CloudFront": put(
        f"{_DISTRIBUTION}.default_cache_behavior.cache_policy_id", to="4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    ),
    "another name below our domain": put(f"{_CERTIFICATE}.subject_alternative_names", to=["www.wealist.co.kr"]),
    "deployments are told to a topic of ours": _trigger("arn:aws:sns:ap-northeast-2:290008131187:wealist-deployments"),
    "a key of this stack": put(
        f"{_ENCRYPTION}.apply_server_side_encryption_by_default",
        to={"sse_algorithm": "aws:kms", "kms_master_key_id": "${aws_kms_key.encryption_key.arn}"},
    ),
    "the load balancer logs into a bucket of ours": put(
        "aws_lb.load_balancer_alb.access_logs.bucket", to="wealist-prod-access-logs-290008131187"
    ),
    "an event rule of AWS's": add(
        "aws_cloudwatch_event_rule", event_pattern=json.dumps({"source": ["aws.ec2"], "detail": {"state": ["stopped"]}})
    ),
    "a gateway to DynamoDB": put(
        "aws_vpc_endpoint.endpoints_s3.service_name", to="com.amazonaws.ap-northeast-2.dynamodb"
    ),
    "instances of another type": put(f"{_TEMPLATE}.instance_type", to="m7g.2xlarge"),
    "a function's handler": add("aws_lambda_function", handler="index.handler", runtime="python3.12"),
}
"""What an operator may add without an entry in references.toml, by what it is."""
