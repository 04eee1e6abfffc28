"""docs/database.md names existing commands, parameters, databases and tags."""

import re
from pathlib import Path

import pytest

from tests.synthesized import Stack, environment
from tests.unit.spec.builders import problems
from wealist.cli import app
from wealist.spec import parameters as paths
from wealist.spec.account import REGION
from wealist.spec.services import DATABASE_MASTER_USER, POSTGRESQL_PORT

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def commands(text: str) -> str:
    """Return the console blocks of a page, each command on one line."""
    blocks = re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL)
    return re.sub(r" *\\\n\s*", " ", "\n".join(blocks))


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_table_lists_the_databases_of_each_environment(name: str) -> None:
    rows = re.findall(r"^\| (\w+) \| `(\w+)` \| `(\w+)` \| `/wealist/<env>/(\S+)` \|$", PAGE, flags=re.MULTILINE)
    assert rows == [
        (service.name, service.database_name, service.database_user, paths.db_password(service))
        for service in environment(name).services
    ]


def test_named_parameters_exist(dev: Stack) -> None:
    named = set(re.findall(r"/wealist/(?:<env>|\$env)/(\w+/\w+)", PAGE))
    made = {parameter["name"].removeprefix("/wealist/dev/") for parameter in dev.all("aws_ssm_parameter")}
    assert named == {paths.DB_ENDPOINT, "db/user_db_password", "db/board_db_password"}
    assert named <= made


def test_identifier_user_and_port_equal_those_of_the_managed_database(dev: Stack) -> None:
    instance = dev.only("aws_db_instance")
    typed = commands(PAGE).replace("$env", "dev")
    assert f"--db-instance-identifier {instance['identifier']} " in typed
    assert f"master={instance['username']}\n" in typed
    assert instance["username"] == DATABASE_MASTER_USER
    assert f"host=$host,portNumber={POSTGRESQL_PORT},localPortNumber=15432" in typed


def test_the_forwarding_instance_is_found_by_existing_tags(prod: Stack) -> None:
    filters = dict(re.findall(r"Name=tag:(\w+),Values=(\S+)", commands(PAGE).replace("$env", "prod")))
    templates = [each for each in prod.all("aws_launch_template") if each["name"] == "wealist-prod-backend-lt"]
    (tagged,) = [each["tags"] for each in templates[0]["tag_specifications"] if each["resource_type"] == "instance"]
    assert filters == {name: tagged[name] for name in ("Environment", "Role")}


def test_both_guides_connect_the_same_way_and_verify_the_server() -> None:
    connect = re.compile(r"\bwealist database \S+ --passwords \| (psql .*)")
    (own,) = connect.findall(commands(PAGE))
    (operations,) = connect.findall(commands(OPERATIONS))
    assert own == operations
    assert "sslmode=verify-full" in own
    assert f"sslrootcert={REGION}-bundle.pem" in own
    # Without pipefail a failure of the first command is ignored.
    assert commands(PAGE).index("set -o pipefail") < commands(PAGE).index(own)


def test_no_password_is_on_a_command_line() -> None:
    for line in commands(PAGE).splitlines():
        assert not re.search(
            r"password=|PGPASSWORD=\S* psql|--password(?!s)|-W", line.replace("export PGPASSWORD=$(", "(")
        )
    assert "unset PGPASSWORD" in commands(PAGE)


def test_the_example_rotation_is_valid() -> None:
    (path, times) = re.findall(r'rotated_secrets=\{"(\S+)": (\d+)\}', PAGE)[0]
    assert problems(rotated_secrets={path: int(times)}) == []


def test_named_commands_exist() -> None:
    named = set(re.findall(r"\bwealist (\w+)", PAGE))
    assert named == {"database", "bundle"}
    assert named <= {command.callback.__name__ for command in app.registered_commands if command.callback}
