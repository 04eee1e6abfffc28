"""Checks that need more than the comparison of one argument: DNS records, certificates, logs, retention, policies.

record ─┬─ alias ──► load balancer, distribution
        └─ records ► the validation record of an ACM certificate

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/rrsets-working-with.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from wealist.checks.rules.rule import Scope, describe_value, stack_check, values_check
from wealist.model.network import Ports, read_ports
from wealist.model.stack import Resource
from wealist.model.values import Values, as_list, is_unknown, values_at
from wealist.spec.account import ACCOUNT_LOGS_BUCKET, PLANS_BUCKET, REGION

_TARGETS: Final = {"aws_lb": "dns_name", "aws_cloudfront_distribution": "domain_name"}
"""Type of an alias target → the attribute with its DNS name."""
_VALIDATES: Final = re.compile(
    r"\$\{tolist\((?P<certificate>aws_acm_certificate\.[\w-]+)\.domain_validation_options\)\[0\]\.resource_record_(?P<what>\w+)\}"
)
_REMOTE_SHELLS: Final = (22, 3389)
_ANYWHERE: Final = ("0.0.0.0/0", "::/0")
_SESSION_INPUTS: Final = ("cloudWatchLogGroupName", "cloudWatchEncryptionEnabled", "kmsKeyId")
_UNTAGGED_DAYS: Final = 7
_KEPT_IMAGES: Final = 30
_SHARED_LOG_DAYS: Final = 365
"""For log groups outside environments."""
_VERSIONS_DAYS: Final = 90
_PLANS_DAYS: Final = 30


@stack_check
def origins_are_the_site_bucket(distribution: Resource, scope: Scope) -> str | None:
    """Require that every origin is the site bucket of the environment."""
    if scope.environment is None:
        return None
    site = f"{scope.environment.names.frontend_bucket}.s3.{REGION}.amazonaws.com"
    wrong = [each.get("domain_name") for each in distribution.blocks("origin") if each.get("domain_name") != site]
    return describe_value("origin.domain_name", wrong[0]) if wrong else None


@stack_check
def aliases_are_the_site_domain(distribution: Resource, scope: Scope) -> str | None:
    """Require that the site's domain is the only alias."""
    if scope.environment is None or distribution.get("aliases") == [scope.environment.site.domain]:
        return None
    return describe_value("aliases", distribution.get("aliases"))


@stack_check
def certificate_is_configured(resource: Resource, scope: Scope) -> str | None:
    """Require the certificate that is configured; without a configured one, a validated certificate."""
    block, environment = resource.block("viewer_certificate"), scope.environment
    argument = "acm_certificate_arn" if block else "certificate_arn"
    arn = block.get(argument) if block else resource.get(argument)
    site_or_api = environment and (environment.site if block else environment.api)
    configured = site_or_api.certificate_arn if site_or_api else None
    target = scope.stack.target(arn)
    right = arn == configured if configured else target and target.type == "aws_acm_certificate_validation"
    return None if right else describe_value(argument, arn)


@stack_check
def access_logs_are_delivered(distribution: Resource, scope: Scope) -> str | None:
    """Require a log delivery of the access logs to a destination of this stack."""
    for source in scope.referring_to(distribution, "aws_cloudwatch_log_delivery_source", "resource_arn"):
        for delivery in scope.referring_to(source, "aws_cloudwatch_log_delivery", "delivery_source_name"):
            if source.get("log_type") == "ACCESS_LOGS" and scope.stack.target(delivery.get("delivery_destination_arn")):
                return None
    return "its access logs are not delivered"


@stack_check
def record_targets_this_stack(record: Resource, scope: Scope) -> str | None:
    """Require that a record targets the load balancer or distribution with its name, or validates a certificate."""
    if record.get("alias"):
        return _alias(record, scope)
    values = record.get("records") or []
    shown = f"{record.get('type')} {record.get('name')} targets {', '.join(map(repr, values)) or 'nothing'}"
    if len(values) != 1:
        return shown
    parts = {"name": record.get("name"), "type": record.get("type"), "value": values[0]}
    matches = {what: _VALIDATES.fullmatch(str(value)) for what, value in parts.items()}
    certificates = {match["certificate"] for match in matches.values() if match}
    if len(certificates) != 1 or not all(match and match["what"] == what for what, match in matches.items()):
        return shown
    return None if certificates <= scope.stack.resources.keys() else f"{certificates.pop()} is not in this stack"


def _alias(record: Resource, scope: Scope) -> str | None:
    name = record.block("alias").get("name")
    target = scope.stack.target(name)
    if (
        target is not None
        and not record.get("records")
        and name == f"${{{target.address}.{_TARGETS.get(target.type)}}}"
        and record.get("name") == _domain(target, scope)
    ):
        return None
    return f"{record.get('type')} {record.get('name')} targets {name!r}"


def _domain(target: Resource, scope: Scope) -> str | None:
    if scope.environment is None:
        return None
    return scope.environment.api.domain if target.type == "aws_lb" else scope.environment.site.domain


@values_check
def running_images_are_kept(lifecycle: Values) -> str | None:
    """Require that untagged images are kept for a week, and the newest of all others."""
    policy = lifecycle.get("policy")
    if not isinstance(policy, str):
        return None if policy is not None else describe_value("policy", policy)
    selections = [rule["selection"] for rule in json.loads(policy)["rules"]]
    wrong = [each for each in selections if not _keeps(each)]
    return describe_value("selection", wrong[0]) if wrong else None


def _keeps(selection: Mapping[str, object]) -> bool:
    number = selection.get("countNumber")
    if not isinstance(number, int):
        return False
    if selection.get("countType") == "imageCountMoreThan":
        return number >= _KEPT_IMAGES
    return selection.get("tagStatus") == "untagged" and number >= _UNTAGGED_DAYS


@stack_check
def log_retention_is_configured(group: Resource, scope: Scope) -> str | None:
    """Require a retention of at least `log_retention_days`; a year outside environments."""
    days = group.get("retention_in_days")
    least = scope.environment.log_retention_days if scope.environment else _SHARED_LOG_DAYS
    return f"retention_in_days is {days}, less than {least}" if isinstance(days, int) and 0 < days < least else None


@values_check
def opens_a_single_port(rule: Values) -> str | None:
    """Require a single port: a range also opens ports of services that are added later."""
    low, high = rule.get("from_port"), rule.get("to_port")
    return None if low == high or is_unknown(low) or is_unknown(high) else f"opens the ports {low} to {high}"


@values_check
def budget_has_subscribers(budget: Values) -> str | None:
    """Require an email address or a topic in each notification of a budget."""
    subscribers = ("subscriber_email_addresses", "subscriber_sns_topic_arns")
    notifications = as_list(budget.get("notification"))
    if not notifications:
        return describe_value("notification", None)
    silent = [each for each in notifications if not any(each.get(name) for name in subscribers)]
    return f"a notification has neither {' nor '.join(subscribers)}" if silent else None


@values_check
def denies_remote_access_from_internet(acl: Values) -> str | None:
    """Require that the first rule for SSH and for RDP from any address denies it."""
    rules = sorted(as_list(acl.get("ingress")), key=lambda rule: rule.get("rule_no") or 0)
    for port in _REMOTE_SHELLS:
        for block in _ANYWHERE:
            first = next((rule for rule in rules if _is_about(rule, port, block)), None)
            if first and first.get("action") == "allow":
                return f"ingress rule {first.get('rule_no')} allows TCP {port} from {block}"
    return None


def _is_about(rule: Mapping[str, Any], port: int, block: str) -> bool:
    ports = read_ports(rule, "protocol")
    return block in (rule.get("cidr_block"), rule.get("ipv6_cidr_block")) and (
        not isinstance(ports, Ports) or ports.holds(port)
    )


@values_check
def sessions_are_logged(written: Values) -> str | None:
    """Require an encrypted log group in a Session document."""
    if written.get("document_type") != "Session" or is_unknown(written.get("content")):
        return None
    try:
        inputs = json.loads(str(written.get("content"))).get("inputs", {})
    except (ValueError, AttributeError):
        return "content is not literal JSON"
    lacking = [name for name in _SESSION_INPUTS if not inputs.get(name)]
    return f"content has no {', '.join(lacking)}" if lacking else None


@values_check
def does_not_allow_everything(policy: Values) -> str | None:
    """Require that no statement allows every action on every resource."""
    for statement in _allowing(policy):
        if {"*", "*:*"} & set(as_list(statement.get("Action"))) and "*" in as_list(statement.get("Resource")):
            return f"statement {statement.get('Sid')!r} allows * on *"
    return None


@values_check
def names_each_action(policy: Values) -> str | None:
    """Require that statements name their actions, not a whole service."""
    for statement in _allowing(policy):
        wide = [action for action in as_list(statement.get("Action")) if action == "*" or action.endswith(":*")]
        if wide or "NotAction" in statement:
            allowed = ", ".join(wide) or "everything but NotAction"
            return f"statement {statement.get('Sid')!r} allows {allowed}"
    return None


def _allowing(policy: Values) -> list[Mapping[str, Any]]:
    """Return the statements that allow; none of an unknown policy, or of one that is not literal JSON."""
    return [statement for statement in _statements(policy) or () if statement.get("Effect") == "Allow"]


@stack_check
def policy_denies_plain_http(policy: Resource, scope: Scope) -> str | None:
    """Require a statement that denies all requests without TLS, for the bucket and its objects."""
    found = _statements(policy.values)
    if found is None:
        return "policy is not a literal policy document"
    bucket = scope.stack.target(policy.get("bucket"))
    arn = f"arn:aws:s3:::{bucket.get('bucket') if bucket else None}"
    if any(_demands_tls(statement, {arn, f"{arn}/*"}) for statement in found):
        return None
    return f"no statement denies plain HTTP for {arn} and {arn}/*"


def _demands_tls(statement: Mapping[str, Any], resources: set[str]) -> bool:
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and as_list(statement.get("Action")) == ["s3:*"]
        and set(as_list(statement.get("Resource"))) == resources
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
    )


@stack_check
def object_expiration_is_configured(lifecycle: Resource, scope: Scope) -> str | None:
    """Require that lifecycle rules expire only old logs and plans, and noncurrent versions after 90 days."""
    bucket = scope.stack.target(lifecycle.get("bucket"))
    configured = _configured_days(bucket, scope)
    may_be_longer = bucket is not None and bucket.get("bucket") == ACCOUNT_LOGS_BUCKET
    for expiration in values_at(lifecycle.values, "rule.expiration"):
        for each in as_list(expiration):
            right = _is_long(each.get("days")) if may_be_longer else each.get("days") == configured
            if not right or each.get("date"):
                return describe_value("expiration", each)
    for days in values_at(lifecycle.values, "rule.noncurrent_version_expiration.noncurrent_days"):
        if not _is_long(days):
            return describe_value("noncurrent_days", days)
    return None


def _configured_days(bucket: Resource | None, scope: Scope) -> int | None:
    """Return the days to keep a bucket's objects: of its object lock, of the log settings, or 30 for plans."""
    name = bucket.get("bucket") if bucket else None
    if bucket and (locks := scope.referring_to(bucket, "aws_s3_bucket_object_lock_configuration", "bucket")):
        return next((days for each in locks for days in each.at("rule.default_retention.days")), None)
    if scope.environment and name == scope.environment.names.access_logs_bucket:
        return scope.environment.log_retention_days
    return _PLANS_DAYS if name == PLANS_BUCKET else None


def _is_long(days: object) -> bool:
    """Return whether noncurrent versions are kept long enough."""
    return days is None or (isinstance(days, int) and days >= _VERSIONS_DAYS)


def _statements(values: Values) -> Iterator[Mapping[str, Any]] | None:
    """Return the statements of a policy document; None where it is not literal JSON, or not a policy."""
    try:
        document = json.loads(values.get("policy") or "")["Statement"]
    except (ValueError, TypeError, KeyError):
        return None
    listed = as_list(document)
    return iter(listed) if all(isinstance(each, Mapping) for each in listed) else None
