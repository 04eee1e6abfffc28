"""Reviews of recorded plans of this project; `python -m tests.plans` records them again."""

import json

from tests import plans
from wealist.review.finding import Severity
from wealist.review.formatting import plain_text

REDIS_RULE = "aws_vpc_security_group_ingress_rule.firewall_ec2_to_redis_6379_ingress"


def above_the_folds(name: str) -> str:
    """Return the part of the comment that is visible without opening folds."""
    return plans.comment(name).partition("\n<details>")[0]


def told_of(name: str, wanted: str) -> list[str]:
    """Return the sentences about one resource."""
    return [words for _, address, words in told(name) if address == wanted]


def told(name: str) -> list[tuple[Severity, str, str]]:
    """Return severity, address and sentence of each finding."""
    return [(each.severity, each.address, plain_text(each.words)) for each in plans.review(name).findings]


def severities(name: str) -> set[Severity]:
    return {severity for severity, _, _ in told(name)}


@plans.each_plan("dev-multi-az", "dev-role-widened")
def test_the_recorded_comment_is_current(name: str) -> None:
    committed = plans.comment_file(name).read_text(encoding="utf-8")
    assert plans.comment(name) == committed, "look at the difference; if it is right: python -m tests.plans comments"


@plans.each_plan("dev-multi-az", "dev-role-widened")
def test_the_comment_names_environment_and_account_and_is_short(name: str) -> None:
    environment = name.partition("-")[0]
    assert f" {environment}: " in plans.comment(name).splitlines()[1]
    assert "account `290008131187`" in plans.comment(name)
    assert len(above_the_folds(name).splitlines()) < 110
    assert len(plans.comment(name).encode()) <= 65_536


def test_a_new_environment_has_no_danger() -> None:
    assert severities("prod-from-nothing") == {Severity.CAUTION, Severity.NOTE}
    careful = [words for severity, _, words in told("prod-from-nothing") if severity is Severity.CAUTION]
    assert {words for words in careful if "allows traffic from the internet" in words} == {
        f"allows traffic from the internet (0.0.0.0/0) to aws_security_group.firewall_alb_sg on tcp {port}"
        for port in (80, 443)
    }
    assert len(above_the_folds("prod-from-nothing").splitlines()) < 25


def test_enabling_multi_az_has_only_notes() -> None:
    assert severities("dev-multi-az") == {Severity.NOTE}
    assert "**2** to update ·" in above_the_folds("dev-multi-az")
    assert any("multi_az: no downtime" in words for _, _, words in told("dev-multi-az"))


def test_a_larger_instance_type_replaces_instances_one_after_another() -> None:
    careful = [
        (address, words) for severity, address, words in told("dev-instance-type") if severity is Severity.CAUTION
    ]
    ((address, words),) = careful
    assert address == "aws_autoscaling_group.backend_fleet_asg"
    assert words.startswith("replaces its instances one after another")


def test_a_replaced_target_group_is_downtime_forced_by_its_port() -> None:
    mine = [
        words
        for _, address, words in told("dev-target-group")
        if address == "aws_lb_target_group.load_balancer_board_tg"
    ]
    assert any("requests forwarded to it fail" in words for words in mine)
    assert any(words.endswith("forced by port") for words in mine)
    assert "  - port: 8000\n  + port: 8001\n" in above_the_folds("dev-target-group")


def test_a_destroyed_environment_is_dangerous_and_each_loss_of_data_is_named() -> None:
    seen = above_the_folds("dev-destroyed")
    assert "🔴 dev: dangerous" in seen
    for address in ("aws_db_instance.database_instance", "aws_s3_bucket.frontend_site_bucket"):
        assert f"`{address}` is destroyed" in seen
    assert "without a final snapshot" in seen
    assert "Stopped" in seen


def test_moving_a_database_to_another_zone_is_a_loss() -> None:
    worst = told("dev-database-replaced")[0]
    assert worst[:2] == (Severity.DANGER, "aws_db_instance.database_instance")
    assert "forced by availability_zone" in worst[2]


def test_a_database_upgrade_is_downtime_without_danger() -> None:
    words = [
        words for _, address, words in told("dev-database-upgrade") if address == "aws_db_instance.database_instance"
    ]
    assert any(each.startswith("changes engine_version: ") for each in words)
    assert any(each.startswith("changes instance_class: ") for each in words)
    assert Severity.DANGER not in severities("dev-database-upgrade")


def test_redis_opened_to_the_internet_is_the_first_finding() -> None:
    sentence = "allows traffic from the internet (0.0.0.0/0) to aws_security_group.firewall_redis_sg on tcp 6379"
    assert told("dev-security-group-opened")[0] == (Severity.DANGER, REDIS_RULE, sentence)


def test_a_role_with_all_s3_actions_is_a_danger() -> None:
    ((severity, address, words),) = told("dev-role-widened")
    assert (severity, address) == (Severity.DANGER, "aws_iam_policy.identity_ec2_s3_policy")
    assert words == "widens what policy allows: s3:* on everything"
    assert "  + s3:* on *\n" in above_the_folds("dev-role-widened")


def test_another_operating_system_changes_the_script() -> None:
    seen = above_the_folds("dev-operating-system")
    assert "  - retry amazon-linux-extras enable docker\n" in seen


def test_drift_is_shown_with_the_traffic_that_the_plan_closes() -> None:
    assert "changed outside of Terraform" in plans.comment("dev-drift")
    assert any(
        "no longer allows traffic from the internet" in words
        for _, address, words in told("dev-drift")
        if address == REDIS_RULE
    )


@plans.each_plan("dev-multi-az", "dev-role-widened")
def test_comments_contain_no_values_marked_as_sensitive(name: str) -> None:
    changes = plans.plan(name)["resource_changes"]
    secrets = {
        value
        for change in changes
        for side in ("before", "after")
        for key, marked in (change["change"].get(f"{side}_sensitive") or {}).items()
        if marked is True and isinstance(value := (change["change"].get(side) or {}).get(key), str) and len(value) >= 8
    }
    addresses = " ".join(change["address"] for change in changes)
    assert not [each for each in secrets if each not in addresses and json.dumps(each)[1:-1] in plans.comment(name)]
