"""Secrets that the context in a text reveals are masked, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.review.builders import change, cleaned, failed_check, script, shown

pytestmark = pytest.mark.exhaustive

SCRIPTS = [
    "DB_PASS=hunter2-xyz",
    "PGPASS=hunter2-xyz",
    "dbPass=hunter2-xyz",
    "ENCRYPTION_KEY=hunter2",
    "export PGPASSWORD='$hunter2xyz'",
    'PASSWORD="$PREFIX-hunter2"',
    "PASSWORD=ab'hunter2'cd",
    "docker run -e PASSWORD=ab'hunter2'cd image",
    'docker run -e PASSWORD="ab hunter2" image',
    "docker run -e PASSWORD=ab;hunter2 image",
    "PASSWORD=correct hunter2 horse",
    "    - DB_PASSWORD=correct hunter2 horse",
    "PASSWORD=$(pwgen)hunter2",
    "PASSWORD=&hunter2",
    "password = ;hunter2",
    "PASSWORD=\\thunter2",
    "TOKEN=$(curl --password hunter2 x)",
    "echo ${PASSWORD:-hunter2}",
    'password = "a\\"hunter2"',
    "password = correct hunter2 horse",
    'PASSWORD="begins hunter2\\',
    "PASSWORD='begins hunter2",
    "PASSWORD:hunter2",
    "password: correct hunter2 horse",
    "password: ${A} hunter2",
    "x-api-key: hunter2",
    "password: |\n  hunter2-xyz",
    "  - password: >-  # folded\n      first\n\n      hunter2-xyz\n  - user: x",
    "<password>hunter2-xyz</password>",
    '<db:password type="plain">\n hunter2-xyz\n</db:password>',
    '"password" => "hunter2"',
    "$config['password'] = 'hunter2'",
    'run "{\\"password\\": \\"hunter2\\"}"',
    "requirepass hunter2-xyz",
    "masterauth hunter2-xyz",
    "redis-server --requirepass hunter2-xyz",
    "CREATE USER x WITH PASSWORD 'hunter2';",
    'ALTER ROLE x PASSWORD "hunter2"',
    "CREATE USER x IDENTIFIED BY 'hunter2'",
    "postgresql://u:p/hunter2@h/db",
    "postgresql://u:p@hunter2@h/db",
    "DATABASE_URL=redis://:hunter2@h:6379",
]


@pytest.mark.parametrize("text", SCRIPTS)
@pytest.mark.parametrize("place", ["user_data", "an attribute", "a tag", "a check"])
def test_secrets_recognized_by_their_context_are_not_shown(text: str, place: str, tmp_path: Path) -> None:
    places: dict[str, dict[str, Any]] = {
        "user_data": {"user_data": script(text)},
        "an attribute": {"command": text},
        "a tag": {"tags": {"Name": text}},
        "a check": {},
    }
    update = change("aws_launch_template.a", "update", before={"b": 1}, after={"b": 2} | places[place])
    checks = [failed_check(text)] if place == "a check" else []
    assert "hunter2" not in shown(tmp_path, update, checks=checks)


def test_text_after_a_secret_is_shown() -> None:
    for text, left in {
        "docker run -e PASSWORD=x image": "docker run -e PASSWORD=(sensitive value) image",
        "psql --password x --host y": "psql --password (sensitive value) --host y",
        "PASSWORD='x' psql": "PASSWORD=(sensitive value) psql",
        r'run "{\"password\": \"x\", \"b\": 1}"': r'run "{\"password\": (sensitive value), \"b\": 1}"',
        '{"password": "x", "b": 1} ': '{"password": (sensitive value), "b": 1} ',
        "a:\n  password: |\n    x\n    y\n  b: 1": "a:\n  password: (sensitive value)\n  b: 1",
        "<password>x</password><b>1</b>": "<password>(sensitive value)</password><b>1</b>",
    }.items():
        assert str(cleaned(text)) == left


def test_shell_variables_and_substitutions_are_shown() -> None:
    text = """
PASSWORD="$(aws ssm get-parameter --name "$(name x)" --query "y")"
TOKEN=$1
export SECRET="${X}"
TOKEN=""
TOKEN=
token=$(curl -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254) || exit 1
password=$data/secrets/grafana-admin-password
PASSWORD="${PASSWORD:?no password}" docker run -e PASSWORD=$PASSWORD image
echo '{"password": "{{ password }}", "token": null}'
arn:aws:secretsmanager:ap-northeast-2:290008131187:secret:name
secretsmanager:GetSecretValue https://localhost:8080/npm/foo@1.2
<token>${TOKEN}</token>
"""
    assert cleaned(text) == text
