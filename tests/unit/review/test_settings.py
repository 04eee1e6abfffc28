import base64
from typing import Any

import pytest

from tests.unit.review.builders import change, found, planned, risks, updated
from wealist.review.finding import Kind, Severity
from wealist.review.formatting import plain_text


class TestProtection:
    @pytest.mark.parametrize(
        ("address", "before", "after"),
        [
            ("aws_db_instance.a", {"delete_automated_backups": False}, {"delete_automated_backups": True}),
            ("aws_iam_role.a", {"permissions_boundary": "arn"}, {"permissions_boundary": ""}),
            ("aws_instance.a", {"disable_api_termination": True}, {"disable_api_termination": False}),
            ("aws_rds_cluster.a", {"deletion_protection": True}, {"deletion_protection": False}),
            ("aws_secretsmanager_secret.a", {"recovery_window_in_days": 30}, {"recovery_window_in_days": 0}),
            ("aws_cloudfront_distribution.a", {"web_acl_id": "arn"}, {"web_acl_id": ""}),
            (
                "aws_instance.a",
                {"metadata_options": [{"http_tokens": "required"}]},
                {"metadata_options": [{"http_tokens": "optional"}]},
            ),
            (
                "aws_instance.a",
                {"ebs_block_device": [{"encrypted": True}, {"encrypted": True}]},
                {"ebs_block_device": [{"encrypted": True}, {"encrypted": False}]},
            ),
        ],
    )
    def test_weaker_protection_is_a_caution(self, address: str, before: Any, after: Any) -> None:
        ((severity, words),) = updated(address, before, after, Kind.PROTECTION)
        assert severity is Severity.CAUTION
        assert words.startswith("weakens ")
        assert updated(address, after, before, Kind.PROTECTION) == []

    @pytest.mark.parametrize(
        ("address", "before", "after", "words"),
        [
            (
                "aws_cloudtrail.a",
                {"enable_logging": True},
                {"enable_logging": False},
                "weakens enable_logging: API calls are no longer recorded",
            ),
            (
                "aws_guardduty_detector.a",
                {"enable": True},
                {"enable": False},
                "weakens enable: threats are no longer detected",
            ),
        ],
    )
    def test_weaker_protection_with_a_dangerous_effect_is_a_danger(
        self, address: str, before: Any, after: Any, words: str
    ) -> None:
        assert updated(address, before, after, Kind.PROTECTION) == [(Severity.DANGER, words)]
        assert updated(address, after, before) == []

    @pytest.mark.parametrize(
        ("address", "argument"),
        [
            ("aws_lb.a", "drop_invalid_header_fields"),
            ("aws_s3_bucket_public_access_block.a", "block_public_policy"),
            ("aws_db_instance.a", "storage_encrypted"),
            ("aws_kms_key.a", "is_enabled"),
        ],
    )
    def test_breaking_a_rule_is_a_danger(self, address: str, argument: str) -> None:
        ((severity, words),) = updated(address, {argument: True}, {argument: False}, Kind.RULE)
        assert severity is Severity.DANGER
        assert words.startswith("no longer meets ")
        assert updated(address, {argument: False}, {argument: True}, Kind.RULE) == []


class TestCreated:
    @pytest.mark.parametrize(
        ("address", "after", "severity"),
        [
            ("aws_iam_access_key.a", {"user": "a"}, Severity.DANGER),
            ("aws_iam_user_login_profile.a", {"user": "a"}, Severity.DANGER),
            ("aws_iam_user.a", {"name": "a"}, Severity.CAUTION),
            ("aws_iam_user_group_membership.a", {"user": "a", "groups": ["b"]}, Severity.CAUTION),
            ("aws_ami_launch_permission.a", {"account_id": "999999999999"}, Severity.DANGER),
            ("aws_lambda_function_url.a", {"authorization_type": "NONE"}, Severity.DANGER),
            ("aws_lambda_permission.a", {"principal": "*"}, Severity.DANGER),
            ("aws_lambda_permission.a", {"principal": "999999999999"}, Severity.CAUTION),
            ("aws_kms_grant.a", {"grantee_principal": "arn:aws:iam::999999999999:root"}, Severity.CAUTION),
            ("aws_eks_cluster.a", {"vpc_config": [{"public_access_cidrs": ["0.0.0.0/0"]}]}, Severity.DANGER),
            ("aws_s3_bucket_acl.a", {"acl": "public-read"}, Severity.DANGER),
        ],
    )
    def test_resources_that_grant_access_are_reported(self, address: str, after: Any, severity: Severity) -> None:
        assert max(each for each, _ in found(change(address, "create", after=after))) is severity

    @pytest.mark.parametrize(
        ("address", "after"),
        [
            ("aws_lambda_permission.a", {"principal": "s3.amazonaws.com"}),
            ("aws_kms_grant.a", {"grantee_principal": "arn:aws:iam::290008131187:role/a"}),
        ],
    )
    def test_principals_of_this_account_and_services_are_no_finding(self, address: str, after: Any) -> None:
        assert found(change(address, "create", after=after)) == []


class TestTls:
    @pytest.mark.parametrize(
        ("before", "after", "kind"),
        [
            ("ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-3-2021-06", Kind.TLS),
            ("ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-0-2021-06", Kind.RULE),
            ("ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08", Kind.RULE),
            ("ELBSecurityPolicy-TLS-1-1-2017-01", "ELBSecurityPolicy-TLS-1-2-2017-01", Kind.TLS),
        ],
    )
    def test_an_older_tls_policy_is_a_danger_and_a_newer_one_a_caution(
        self, before: str, after: str, kind: Kind
    ) -> None:
        old, new = ({"protocol": "HTTPS", "ssl_policy": each} for each in (before, after))
        ((severity, _),) = updated("aws_lb_listener.a", old, new, kind)
        assert severity is (Severity.DANGER if kind is Kind.RULE else Severity.CAUTION)

    @pytest.mark.parametrize(
        ("address", "before", "after"),
        [
            (
                "aws_cloudfront_distribution.a",
                {"viewer_certificate": [{"minimum_protocol_version": "TLSv1.2_2021"}]},
                {"viewer_certificate": [{"minimum_protocol_version": "TLSv1_2016"}]},
            ),
            (
                "aws_cloudfront_distribution.a",
                {"default_cache_behavior": [{"viewer_protocol_policy": "https-only"}]},
                {"default_cache_behavior": [{"viewer_protocol_policy": "allow-all"}]},
            ),
            (
                "aws_db_parameter_group.a",
                {"parameter": [{"name": "work_mem", "value": "1"}, {"name": "rds.force_ssl", "value": "1"}]},
                {"parameter": [{"name": "work_mem", "value": "1"}, {"name": "rds.force_ssl", "value": "0"}]},
            ),
            (
                "aws_elasticache_replication_group.a",
                {"transit_encryption_mode": "required"},
                {"transit_encryption_mode": "preferred"},
            ),
        ],
    )
    def test_weaker_encryption_in_transit_is_a_danger(self, address: str, before: Any, after: Any) -> None:
        assert Severity.DANGER in [severity for severity, _ in updated(address, before, after, Kind.RULE)]

    @pytest.mark.parametrize(
        ("address", "before", "after"),
        [
            ("aws_lb_listener.a", {"protocol": "HTTPS"}, {"protocol": "HTTP"}),
            ("aws_lb_listener.a", {"protocol": "TLS"}, {"protocol": "TCP"}),
            ("aws_elasticache_cluster.a", {"transit_encryption_enabled": True}, {"transit_encryption_enabled": False}),
        ],
    )
    def test_unencrypted_traffic_is_a_danger(self, address: str, before: Any, after: Any) -> None:
        ((severity, words), *_) = updated(address, before, after, Kind.TLS)
        assert (severity, words.endswith("traffic is no longer encrypted")) == (Severity.DANGER, True)

    def test_another_parameter_of_the_database_is_not_about_tls(self) -> None:
        one, other = ({"parameter": [{"name": "work_mem", "value": each}]} for each in "10")
        assert updated("aws_db_parameter_group.a", one, other) == []

    def test_another_certificate_is_a_caution(self) -> None:
        ((severity, words),) = updated("aws_lb_listener.a", {"certificate_arn": "a"}, {"certificate_arn": "b"})
        assert (severity, words) == (Severity.CAUTION, "changes certificate_arn")


def test_user_data_shows_its_changed_lines() -> None:
    before, after = (
        {"user_data": base64.b64encode(f"#!/bin/sh\n{each}\n".encode()).decode()} for each in ("old", "new")
    )
    (finding,) = risks(change("aws_launch_template.a", "update", before=before, after=after))
    assert finding.kind is Kind.USER_DATA
    assert [str(line) for line in finding.lines][-2:] == ["- old", "+ new"]


def test_the_most_severe_finding_comes_first() -> None:
    plan = (
        change("aws_db_instance.a", "update", before={"multi_az": False}, after={"multi_az": True}),
        change("aws_eip.a", "delete", before={}),
        change("aws_s3_bucket.z", "delete", before={}),
    )
    assert [finding.address for finding in risks(*plan)] == ["aws_s3_bucket.z", "aws_eip.a", "aws_db_instance.a"]


@pytest.mark.parametrize("weird", [None, [], {}, "text", 7, [[]], [None], {"a": []}])
@pytest.mark.parametrize(
    "kind",
    ["aws_db_instance", "aws_lb", "aws_autoscaling_group", "aws_security_group", "aws_route", "aws_launch_template",
     "aws_cloudfront_distribution", "aws_iam_role", "aws_s3_bucket_public_access_block"],
)  # fmt: skip
def test_values_of_unexpected_types_raise_nothing(kind: str, weird: Any) -> None:
    names = ["multi_az", "ingress", "access_logs", "viewer_certificate", "launch_template", "deletion_protection",
             "gateway_id", "network_interfaces", "internal", "instance_refresh", "force_destroy"]  # fmt: skip
    values = dict.fromkeys(names, weird)
    for before, after in ((values, {}), ({}, values), (weird, values), (values, weird)):
        risks(change(f"{kind}.a", "update", before=before, after=after))


class TestChecks:
    @staticmethod
    def check(status: str, *messages: str) -> dict[str, Any]:
        address = {"kind": "check", "name": "firewall_rules", "to_display": "check.firewall_rules"}
        instance = {"status": status, "problems": [{"message": message} for message in messages]}
        return {"address": address, "status": status, "instances": [instance]}

    def test_a_failed_check_is_a_caution_with_its_message(self) -> None:
        (finding,) = risks(checks=[self.check("fail", "rules that are not in the code: sgr-1")])
        assert (finding.severity, finding.kind) == (Severity.CAUTION, Kind.CHECK)
        assert finding.address == "check.firewall_rules"
        assert plain_text(finding.words) == "fails: rules that are not in the code: sgr-1"

    @pytest.mark.parametrize("status", ["pass", "unknown"])
    def test_a_passed_or_unknown_check_is_no_finding(self, status: str) -> None:
        assert risks(checks=[self.check(status)]) == ()

    def test_a_plan_without_changes_is_not_empty_when_a_check_fails(self) -> None:
        assert planned().is_empty
        assert not planned(checks=[self.check("fail", "no")]).is_empty

    def test_messages_of_checks_contain_no_secrets(self) -> None:
        secret = change("aws_ssm_parameter.a", "update", before={"value": "hunter22"}, after={"value": "hunter23"})
        secret["change"]["after_sensitive"] = secret["change"]["before_sensitive"] = {"value": True}
        found = risks(secret, checks=[self.check("fail", "it is hunter22, not hunter23")])
        (message,) = [plain_text(finding.words) for finding in found if finding.kind is Kind.CHECK]
        assert "hunter" not in message
