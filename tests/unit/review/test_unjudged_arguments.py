from typing import Any

import pytest

from tests.unit.review.builders import Json, allow, change, configuration, found, policy
from wealist.review.finding import Severity

SENSITIVE = "cannot be judged: it is sensitive"
UNKNOWN = "cannot be judged: it is known after apply"
RULE = "aws_vpc_security_group_ingress_rule.a"
OPEN = {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "security_group_id": "sg-1"}
SECRET = "somebody-s-own-word"


def given(address: str, **references: str) -> Json:
    """Return a configuration in which arguments of a resource refer to other resources."""
    expressions = {name: {"references": [f"{each}.id", each]} for name, each in references.items()}
    return configuration(resources=[{"address": address, "expressions": expressions}])


@pytest.mark.parametrize("marks", [{"cidr_ipv4": True}, {"ip_protocol": True, "cidr_ipv4": True}])
def test_a_rule_whose_peer_is_sensitive_cannot_be_judged(marks: Any) -> None:
    ((severity, words), *_) = found(change(RULE, "create", after=OPEN, after_sensitive=marks))
    assert severity is Severity.CAUTION
    assert words.endswith(SENSITIVE)


def test_a_peer_that_is_a_secret_elsewhere_cannot_be_judged() -> None:
    other = change("aws_thing.a", "no-op", before={"password": SECRET}, after={"password": SECRET})
    peer = {**{name: each for name, each in OPEN.items() if name != "cidr_ipv4"}, "prefix_list_id": SECRET}
    ((severity, words),) = found(other, change(RULE, "create", after=peer))
    assert severity is Severity.CAUTION
    assert words.endswith(SENSITIVE)


def test_a_sensitive_peer_may_differ_from_the_old_one() -> None:
    after = OPEN | {"cidr_ipv4": "10.0.0.0/8"}
    update = change(RULE, "update", before=after, after=OPEN, after_sensitive={"cidr_ipv4": True})
    assert found(update)[0][0] is Severity.CAUTION


def unknown(address: str = RULE, attribute: str = "cidr_ipv4", **parts: Any) -> list[tuple[Severity, str]]:
    after = {name: each for name, each in OPEN.items() if name != "cidr_ipv4"}
    return found(change(address, "create", after=after, after_unknown={attribute: True}), **parts)


def test_an_unknown_peer_without_a_reference_cannot_be_judged() -> None:
    ((severity, words),) = unknown()
    assert severity is Severity.CAUTION
    assert words.endswith(UNKNOWN)


@pytest.mark.parametrize(
    ("attribute", "peer", "severity"),
    [
        ("referenced_security_group_id", "aws_security_group.b", Severity.NOTE),
        ("prefix_list_id", "aws_ec2_managed_prefix_list.b", Severity.NOTE),
        ("prefix_list_id", "var.list", Severity.CAUTION),
        ("cidr_ipv4", "aws_vpc.b", Severity.NOTE),
        ("cidr_ipv4", "data.aws_vpc.b", Severity.NOTE),
        ("cidr_ipv4", "terraform_data.b", Severity.CAUTION),
        ("cidr_ipv4", "aws_ssm_parameter.b", Severity.CAUTION),
    ],
)
def test_an_unknown_peer_is_named_by_its_reference(attribute: str, peer: str, severity: Severity) -> None:
    ((told, words),) = unknown(attribute=attribute, configuration=given(RULE, **{attribute: peer}))
    assert told is severity
    assert words.startswith(f"allows traffic from {peer} to sg-1 on tcp 22")


def test_instances_with_an_index_have_the_references_of_their_block() -> None:
    configured = given(RULE, referenced_security_group_id="aws_security_group.b")
    ((severity, _),) = unknown(f'{RULE}["a]b"]', "referenced_security_group_id", configuration=configured)
    assert severity is Severity.NOTE


def test_a_resource_that_is_sensitive_as_a_whole_cannot_be_judged() -> None:
    assert found(change(RULE, "create", after=OPEN, after_sensitive=True)) == [(Severity.CAUTION, SENSITIVE)]


def test_egress_to_the_internet_with_a_hidden_protocol_is_a_caution() -> None:
    rule = change("aws_vpc_security_group_egress_rule.a", "create", after=OPEN, after_sensitive={"ip_protocol": True})
    assert found(rule)[0][0] is Severity.CAUTION


@pytest.mark.parametrize(
    ("address", "setting", "before", "after"),
    [
        ("aws_db_instance.a", "deletion_protection", True, False),
        ("aws_db_instance.a", "publicly_accessible", False, True),
        ("aws_subnet.a", "map_public_ip_on_launch", False, True),
        ("aws_s3_bucket_public_access_block.a", "block_public_acls", True, False),
        ("aws_s3_bucket_acl.a", "acl", "private", "public-read"),
    ],
)
@pytest.mark.parametrize("hidden", ["sensitive", "unknown"])
def test_hidden_settings_are_cautions(address: str, setting: str, before: Any, after: Any, hidden: str) -> None:
    if hidden == "sensitive":
        update = change(
            address, "update", before={setting: before}, after={setting: after}, after_sensitive={setting: True}
        )
    else:
        update = change(address, "update", before={setting: before}, after={}, after_unknown={setting: True})
    assert (Severity.CAUTION, f"{setting} {SENSITIVE if hidden == 'sensitive' else UNKNOWN}") in found(update)


def test_unchanged_sensitive_settings_are_no_finding() -> None:
    values = {"deletion_protection": True}
    marks = {"after_sensitive": values, "before_sensitive": values}
    update = change("aws_db_instance.a", "update", before=values | {"a": 1}, after=values | {"a": 2}, **marks)
    assert found(update) == []


def test_unknown_settings_that_the_provider_chooses_are_no_finding() -> None:
    names = ["policy", "ssl_policy", "publicly_accessible", "user_data", "ingress", "gateway_id"]
    for kind in (
        "aws_s3_bucket",
        "aws_lb_listener",
        "aws_db_instance",
        "aws_instance",
        "aws_security_group",
        "aws_route",
    ):
        assert found(change(f"{kind}.a", "create", after={}, after_unknown=dict.fromkeys(names, True))) == []


def test_unknown_settings_with_a_reference_cannot_be_judged() -> None:
    made = change("aws_db_instance.a", "create", after={}, after_unknown={"publicly_accessible": True})
    configured = given("aws_db_instance.a", publicly_accessible="terraform_data.b")
    assert found(made, configuration=configured) == [(Severity.CAUTION, f"publicly_accessible {UNKNOWN}")]


@pytest.mark.parametrize("actions", [("create",), ("update",)])
@pytest.mark.parametrize(
    ("address", "name"),
    [("aws_iam_role_policy.a", "policy"), ("aws_iam_role.a", "assume_role_policy"), ("aws_kms_key.a", "policy")],
)
def test_hidden_policies_cannot_be_judged(address: str, name: str, actions: tuple[str, ...]) -> None:
    before = {name: policy(allow("s3:GetObject"))} if actions == ("update",) else None
    after = {name: policy(allow("*"))}
    masked = change(address, *actions, before=before, after=after, after_sensitive={name: True})
    assert found(masked) == [(Severity.CAUTION, f"{name} {SENSITIVE}")]
    told = found(change(address, *actions, before=before, after={}, after_unknown={name: True}))
    # A key has a policy of its own where the configuration gives it none.
    assert told == (
        [] if (address, *actions) == ("aws_kms_key.a", "create") else [(Severity.CAUTION, f"{name} {UNKNOWN}")]
    )


def test_a_policy_without_json_cannot_be_judged() -> None:
    ((severity, words),) = found(change("aws_iam_policy.a", "create", after={"policy": "file://policy.json"}))
    assert (severity, words) == (Severity.CAUTION, "policy cannot be judged: it is not a JSON object")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (allow(SECRET), 1),
        (allow("s3:GetObject", SECRET), 1),
        (allow("s3:GetObject", "x", Principal={"Service": SECRET}), 1),
        (allow("s3:GetObject", "x", Condition={"StringEquals": {"a": SECRET}}), 1),
        (allow("s3:GetObject", f"arn:aws:s3:::{SECRET}/*"), 0),
    ],
)
def test_policies_with_a_masked_decisive_part_cannot_be_judged(statement: Json, told: int) -> None:
    other = change("aws_thing.a", "no-op", before={"password": SECRET}, after={"password": SECRET})
    made = found(other, change("aws_iam_policy.a", "create", after={"policy": policy(statement)}))
    assert [words for severity, words in made if severity is Severity.CAUTION] == [
        f"policy {SENSITIVE} in a part"
    ] * told


def test_an_attached_policy_that_is_sensitive_cannot_be_judged() -> None:
    after = {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    address = "aws_iam_role_policy_attachment.a"
    made = found(change(address, "create", after=after, after_sensitive={"policy_arn": True}))
    assert made == [(Severity.CAUTION, f"policy_arn {SENSITIVE}")]
    nowhere = found(change(address, "create", after={}, after_unknown={"policy_arn": True}))
    assert nowhere == [(Severity.CAUTION, f"policy_arn {UNKNOWN}")]
