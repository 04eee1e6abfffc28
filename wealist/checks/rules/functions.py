"""What needs more than a comparison of one argument: names, certificates, logs, and what is deleted when.

record ─┬─ alias ──► load balancer, distribution
        └─ records ► what ACM demands to validate a certificate

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/rrsets-working-with.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from wealist.checks.rules.rule import Scope, described, of_stack, of_values
from wealist.model.network import Ports, read_ports
from wealist.model.stack import Resource
from wealist.model.values import Values, as_list, is_unknown, values_at
from wealist.spec.account import ACCOUNT_LOGS_BUCKET, PLANS_BUCKET, REGION

_TARGETS: Final = {"aws_lb": "dns_name", "aws_cloudfront_distribution": "domain_name"}
"""Type of what a name may lead to → the attribute that it leads to."""
_VALIDATES: Final = re.compile(
    r"\$\{tolist\((?P<certificate>aws_acm_certificate\.[\w-]+)\.domain_validation_options\)\[0\]\.resource_record_(?P<what>\w+)\}"
)
_REMOTE_SHELLS: Final = (22, 3389)
_ANYWHERE: Final = ("0.0.0.0/0", "::/0")
_SESSION_INPUTS: Final = ("cloudWatchLogGroupName", "cloudWatchEncryptionEnabled", "kmsKeyId")
_UNTAGGED_DAYS: Final = 7
_KEPT_IMAGES: Final = 30
_SHARED_LOG_DAYS: Final = 365
"""Of log groups outside environments."""
_VERSIONS_DAYS: Final = 90
_PLANS_DAYS: Final = 30


@of_stack
def origin_is_the_sites_bucket(distribution: Resource, scope: Scope) -> str | None:
    """Every origin is the bucket of the environment's site."""
    if scope.environment is None:
        return None
    site = f"{scope.environment.names.frontend_bucket}.s3.{REGION}.amazonaws.com"
    wrong = [each.get("domain_name") for each in distribution.blocks("origin") if each.get("domain_name") != site]
    return described("origin.domain_name", wrong[0]) if wrong else None


@of_stack
def names_are_the_sites(distribution: Resource, scope: Scope) -> str | None:
    """The distribution answers for the site's domain, and for no other name."""
    if scope.environment is None or distribution.get("aliases") == [scope.environment.site.domain]:
        return None
    return described("aliases", distribution.get("aliases"))


@of_stack
def certificate_is_the_described_one(resource: Resource, scope: Scope) -> str | None:
    """A distribution or listener has the certificate of the settings, or where they have none, a validated one."""
    block, environment = resource.block("viewer_certificate"), scope.environment
    argument = "acm_certificate_arn" if block else "certificate_arn"
    arn = block.get(argument) if block else resource.get(argument)
    described_name = environment and (environment.site if block else environment.api)
    configured = described_name.certificate_arn if described_name else None
    target = scope.stack.target(arn)
    right = arn == configured if configured else target and target.type == "aws_acm_certificate_validation"
    return None if right else described(argument, arn)


@of_stack
def access_logs_are_delivered(distribution: Resource, scope: Scope) -> str | None:
    """A log delivery takes the access logs to a destination of this stack."""
    for source in scope.pointing_at(distribution, "aws_cloudwatch_log_delivery_source", "resource_arn"):
        for delivery in scope.pointing_at(source, "aws_cloudwatch_log_delivery", "delivery_source_name"):
            if source.get("log_type") == "ACCESS_LOGS" and scope.stack.target(delivery.get("delivery_destination_arn")):
                return None
    return "no access log is delivered anywhere"


@of_stack
def name_leads_into_this_stack(record: Resource, scope: Scope) -> str | None:
    """The name leads to the load balancer or distribution that answers for it, or validates a certificate."""
    if record.get("alias"):
        return _alias(record, scope)
    values = record.get("records") or []
    shown = f"{record.get('type')} {record.get('name')} leads to {', '.join(map(repr, values)) or 'nothing'}"
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
    return f"{record.get('type')} {record.get('name')} leads to {name!r}"


def _domain(target: Resource, scope: Scope) -> str | None:
    if scope.environment is None:
        return None
    return scope.environment.api.domain if target.type == "aws_lb" else scope.environment.site.domain


@of_values
def running_images_stay(lifecycle: Values) -> str | None:
    """Untagged images go after a week; of all others the newest stay."""
    policy = lifecycle.get("policy")
    if not isinstance(policy, str):
        return None if policy is not None else described("policy", policy)
    selections = [rule["selection"] for rule in json.loads(policy)["rules"]]
    wrong = [each for each in selections if not _keeps(each)]
    return described("selection", wrong[0]) if wrong else None


def _keeps(selection: Mapping[str, object]) -> bool:
    number = selection.get("countNumber")
    if not isinstance(number, int):
        return False
    if selection.get("countType") == "imageCountMoreThan":
        return number >= _KEPT_IMAGES
    return selection.get("tagStatus") == "untagged" and number >= _UNTAGGED_DAYS


@of_stack
def logs_last_as_described(group: Resource, scope: Scope) -> str | None:
    """Log groups keep what they hold as long as `log_retention_days` says; a year outside environments."""
    days = group.get("retention_in_days")
    least = scope.environment.log_retention_days if scope.environment else _SHARED_LOG_DAYS
    return f"retention_in_days is {days}, less than {least}" if isinstance(days, int) and 0 < days < least else None


@of_values
def is_of_one_port(rule: Values) -> str | None:
    """A rule opens one port: a range would open whatever listens there tomorrow."""
    low, high = rule.get("from_port"), rule.get("to_port")
    return None if low == high or is_unknown(low) or is_unknown(high) else f"opens the ports {low} to {high}"


@of_values
def somebody_is_told_of_costs(budget: Values) -> str | None:
    """Each notification of a budget has an address or a topic."""
    told = ("subscriber_email_addresses", "subscriber_sns_topic_arns")
    notifications = as_list(budget.get("notification"))
    if not notifications:
        return described("notification", None)
    silent = [each for each in notifications if not any(each.get(name) for name in told)]
    return f"a notification has neither {' nor '.join(told)}" if silent else None


@of_values
def remote_shells_are_closed_to_the_internet(acl: Values) -> str | None:
    """The first rule that says something about SSH or RDP from anywhere denies it."""
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


@of_values
def sessions_are_written_down(written: Values) -> str | None:
    """A document by which sessions are started names where they are written down, encrypted."""
    if written.get("document_type") != "Session" or is_unknown(written.get("content")):
        return None
    try:
        inputs = json.loads(str(written.get("content"))).get("inputs", {})
    except (ValueError, AttributeError):
        return "content is no literal JSON"
    lacking = [name for name in _SESSION_INPUTS if not inputs.get(name)]
    return f"content has no {', '.join(lacking)}" if lacking else None


@of_values
def allows_not_everything(policy: Values) -> str | None:
    """No statement allows every action on every resource."""
    for statement in _allowing(policy):
        if {"*", "*:*"} & set(as_list(statement.get("Action"))) and "*" in as_list(statement.get("Resource")):
            return f"statement {statement.get('Sid')!r} allows * on *"
    return None


@of_values
def allows_no_whole_service(policy: Values) -> str | None:
    """Statements name their actions."""
    for statement in _allowing(policy):
        wide = [action for action in as_list(statement.get("Action")) if action == "*" or action.endswith(":*")]
        if wide or "NotAction" in statement:
            allowed = ", ".join(wide) or "everything but NotAction"
            return f"statement {statement.get('Sid')!r} allows {allowed}"
    return None


def _allowing(policy: Values) -> list[Mapping[str, Any]]:
    """The statements that allow something; none of a policy that nobody knows yet, or that is no literal document."""
    return [statement for statement in _statements(policy) or () if statement.get("Effect") == "Allow"]


@of_stack
def policy_denies_plain_http(policy: Resource, scope: Scope) -> str | None:
    """A statement denies everybody everything without TLS, for the bucket and its objects."""
    found = _statements(policy.values)
    if found is None:
        return "policy is no literal policy document"
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


@of_stack
def objects_stay_as_described(lifecycle: Resource, scope: Scope) -> str | None:
    """Lifecycle rules delete nothing but old logs and plans, and replaced versions after 90 days."""
    bucket = scope.stack.target(lifecycle.get("bucket"))
    described_days = _described_days(bucket, scope)
    may_be_longer = bucket is not None and bucket.get("bucket") == ACCOUNT_LOGS_BUCKET
    for expiration in values_at(lifecycle.values, "rule.expiration"):
        for each in as_list(expiration):
            right = _is_long(each.get("days")) if may_be_longer else each.get("days") == described_days
            if not right or each.get("date"):
                return described("expiration", each)
    for days in values_at(lifecycle.values, "rule.noncurrent_version_expiration.noncurrent_days"):
        if not _is_long(days):
            return described("noncurrent_days", days)
    return None


def _described_days(bucket: Resource | None, scope: Scope) -> int | None:
    """How long the objects of a bucket are kept: while they are locked, logs as the settings say, plans a month."""
    name = bucket.get("bucket") if bucket else None
    if bucket and (locks := scope.pointing_at(bucket, "aws_s3_bucket_object_lock_configuration", "bucket")):
        return next((days for each in locks for days in each.at("rule.default_retention.days")), None)
    if scope.environment and name == scope.environment.names.access_logs_bucket:
        return scope.environment.log_retention_days
    return _PLANS_DAYS if name == PLANS_BUCKET else None


def _is_long(days: object) -> bool:
    """Whether replaced versions are kept long enough."""
    return days is None or (isinstance(days, int) and days >= _VERSIONS_DAYS)


def _statements(values: Values) -> Iterator[Mapping[str, Any]] | None:
    """The statements of a policy document; None where it is no literal JSON, or no policy."""
    try:
        document = json.loads(values.get("policy") or "")["Statement"]
    except (ValueError, TypeError, KeyError):
        return None
    listed = as_list(document)
    return iter(listed) if all(isinstance(each, Mapping) for each in listed) else None
