"""PostgreSQL, where it is managed here.

https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html
"""

from typing import Final

from wealist.checks.hardening.rule import Rule, Scope, said, unlike, where_it_lasts
from wealist.model.stack import Resource

_LASTING_BACKUP_DAYS: Final = 14
_LOGS: Final = {"postgresql", "upgrade"}


def storage_is_encrypted(database: Resource, _: Scope) -> str | None:
    """At rest, backups and snapshots too."""
    return unlike(database, "storage_encrypted", accepts=(True,))


def it_is_private(database: Resource, _: Scope) -> str | None:
    """No address on the internet."""
    return unlike(database, "publicly_accessible", accepts=(False,))


def deletion_is_refused(database: Resource, _: Scope) -> str | None:
    """Nobody deletes it by hand."""
    return unlike(database, "deletion_protection", accepts=(True,))


def backups_are_kept(database: Resource, scope: Scope) -> str | None:
    """Some everywhere, two weeks of them where the environment lasts."""
    days = database.get("backup_retention_period")
    least = _LASTING_BACKUP_DAYS if scope.lasts else 1
    return None if isinstance(days, int) and days >= least else said("backup_retention_period", days)


def a_snapshot_is_left(database: Resource, _: Scope) -> str | None:
    """Deleting it leaves the data."""
    if (problem := unlike(database, "skip_final_snapshot", accepts=(False,))) is not None:
        return problem
    return None if database.get("final_snapshot_identifier") else said("final_snapshot_identifier", None)


def clients_use_tls(database: Resource, scope: Scope) -> str | None:
    """PostgreSQL refuses plain connections."""
    group = scope.stack.target(database.get("parameter_group_name"))
    if group is None:
        return said("parameter_group_name", database.get("parameter_group_name"))
    given = [each.get("value") for each in group.blocks("parameter") if each.get("name") == "rds.force_ssl"]
    return None if given == ["1"] else f"rds.force_ssl in {group.address} is {given or 'not given'}"


def logs_are_exported(database: Resource, _: Scope) -> str | None:
    """What it logs outlives it."""
    found = set(database.get("enabled_cloudwatch_logs_exports") or [])
    return None if found >= _LOGS else f"enabled_cloudwatch_logs_exports lacks {', '.join(sorted(_LOGS - found))}"


def load_can_be_explained(database: Resource, _: Scope) -> str | None:
    """Performance Insights says which query it was."""
    return unlike(database, "performance_insights_enabled", accepts=(True,))


def minor_versions_come_by_themselves(database: Resource, _: Scope) -> str | None:
    """Security fixes wait for nobody."""
    return unlike(database, "auto_minor_version_upgrade", accepts=(True,))


def snapshots_are_tagged(database: Resource, _: Scope) -> str | None:
    """A snapshot says whose it is."""
    return unlike(database, "copy_tags_to_snapshot", accepts=(True,))


def aws_manages_the_password(database: Resource, _: Scope) -> str | None:
    """The master password stands in no code, plan or state, and rotates."""
    if database.get("password") is not None:
        return "password is given"
    return unlike(database, "manage_master_user_password", accepts=(True,))


_DATABASE: Final = ("aws_db_instance",)
RULES: Final = (
    Rule("RDS.3", _DATABASE, storage_is_encrypted, "set storage_encrypted to true"),
    Rule("RDS.2", _DATABASE, it_is_private, "set publicly_accessible to false"),
    Rule("RDS.8", _DATABASE, deletion_is_refused, "set deletion_protection to true", where_it_lasts),
    Rule("RDS.11", _DATABASE, backups_are_kept, "keep backups for 14 days where the environment lasts, else for one"),
    Rule("rds.final_snapshot", _DATABASE, a_snapshot_is_left, "let deletion leave a final snapshot", where_it_lasts),
    Rule("RDS.38", _DATABASE, clients_use_tls, "set rds.force_ssl to 1 in its parameter group"),
    Rule("RDS.36", _DATABASE, logs_are_exported, "export postgresql and upgrade"),
    Rule("rds.performance_insights", _DATABASE, load_can_be_explained, "enable performance insights"),
    Rule("RDS.13", _DATABASE, minor_versions_come_by_themselves, "set auto_minor_version_upgrade to true"),
    Rule("RDS.17", _DATABASE, snapshots_are_tagged, "set copy_tags_to_snapshot to true"),
    Rule("rds.master_password", _DATABASE, aws_manages_the_password, "set manage_master_user_password to true"),
)
