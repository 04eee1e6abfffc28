"""The committed system contains no secret, and secrets in a synthesis are found."""

from pathlib import Path

import pytest

from tests.syntheses import Edit, copy_modules, mutated, synthesis, with_modules
from tests.unit.checks.faults.secrets import AWS_KEY, RANDOM
from tests.unit.checks.faults.tables import edit_from
from wealist.checks.finding import Finding, Synthesis
from wealist.checks.secrets import prove

pytestmark = pytest.mark.exhaustive

LOCATIONS = """
password=/etc/secrets/grafana-admin-password
password=$data/secrets/grafana-admin-password
token="$(cat /run/token)"
  grafana_secret = local.grafana_secret
  grafana_secret = "grafana_admin_password"
docker login --username AWS --password-stdin registry
docker run -u 472:472 grafana
compass=northwest bypass: nothing
"""
"""Lines of a script that name secrets without containing any."""


def found_in(stack: str, edit: Edit) -> list[Finding]:
    """Return the findings of one stack after an edit."""
    changed = mutated(synthesis(), stack, edit)
    return list(prove(Synthesis({stack: changed.stacks[stack]}, changed.environments)))


def lying_in(folder: Path) -> list[Finding]:
    """Return the findings of prod with the modules of a folder."""
    committed = with_modules(folder, synthesis())
    return list(prove(Synthesis({"prod": committed.stacks["prod"]}, committed.environments)))


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A folder with a copy of the modules."""
    return copy_modules(tmp_path).parent


def test_the_committed_system_contains_no_secret() -> None:
    assert [str(finding) for finding in prove(synthesis())] == []


def test_public_image_parameters_may_be_read() -> None:
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    assert found_in("prod", edit_from({"data.aws_ssm_parameter.mistake": {"name": name}})) == []


def test_a_finding_contains_location_and_kind_and_not_the_secret() -> None:
    (finding,) = found_in("prod", edit_from({"user_data region": RANDOM}))
    assert finding.address == "module.backend_fleet_bootstrap"
    assert RANDOM not in str(finding)
    assert f"{RANDOM[:6]}… ({len(RANDOM)} characters)" in finding.problem


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (f"export AWS_ACCESS_KEY_ID={AWS_KEY}", "an AWS access key"),
        ("PGPASSWORD=correct-H0rse psql", "a literal PASSWORD"),
        ('  admin_password = "correct-H0rse"', "a literal password"),
        ("curl https://wealist:hunter22@example.com/", "a password in a URL"),
        (f"echo {RANDOM} > /etc/key", "a string of high entropy"),
        ('password = "correct-horse-battery-staple"', "a literal password"),
        ("GF_SECURITY_ADMIN_PASSWORD=swordfish", "a literal PASSWORD"),
        ("export DB_PASS=hunter2horse", "a literal PASS"),
        ("JWT_SIGNING_KEY=correct-horse", "a literal SIGNING_KEY"),
        ("curl -u admin:hunter2horse https://example.com/", "a password on a command's line"),
        ("docker login -p hunter2horse registry", "a password on a command's line"),
    ],
)
def test_a_secret_in_a_template_is_found_in_its_file(modules: Path, line: str, problem: str) -> None:
    template = modules / "modules" / "instance_bootstrap" / "templates" / "backend.sh.tftpl"
    template.write_text(f"{template.read_text()}\n{line}\n")
    found = lying_in(modules)
    assert {finding.address for finding in found} == {
        "module.backend_fleet_bootstrap",
        "module.monitoring_fleet_bootstrap",
    }
    for finding in found:
        assert "templates/backend.sh.tftpl of ./modules/instance_bootstrap" in finding.problem
        assert problem in finding.problem


def test_hidden_folders_of_modules_are_not_searched(modules: Path) -> None:
    kept = modules / "modules" / "instance_bootstrap" / ".terraform" / "x"
    kept.parent.mkdir()
    kept.write_text(AWS_KEY)
    assert lying_in(modules) == []


def test_locations_of_secrets_are_not_secrets(modules: Path) -> None:
    template = modules / "modules" / "instance_bootstrap" / "templates" / "backend.sh.tftpl"
    template.write_text(f"{template.read_text()}{LOCATIONS}")
    assert lying_in(modules) == []


@pytest.mark.parametrize(
    "value",
    [
        "${aws_ssm_parameter.parameters_jwt_jwt_secret.arn}",
        "${aws_elasticache_replication_group.cache_replication_group.primary_endpoint_address}",
    ],
)
def test_public_attributes_of_secret_resources_are_not_secrets(value: str) -> None:
    assert found_in("prod", edit_from({"user_data region": value})) == []


def test_arguments_that_describe_secrets_are_not_secrets() -> None:
    for argument, value in {"http_tokens": "required", "password_length": "40", "master_user_secret_kms_key_id": "x",
                            "password_encryption": "scram-sha-256"}.items():  # fmt: skip
        assert found_in("prod", edit_from({f"user_data {argument}": value})) == []
