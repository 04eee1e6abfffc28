"""The AUTH token of Redis in an environment that predates write-only tokens: kept, and then updated.

old configuration ─ apply ─► current one ─ plan, apply ─► an operator's value ─ apply ─► a lost parameter ─ apply ─► …
"""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from tests.integration.between import Between
from tests.leaks import found_in
from tests.synthesized import addresses_in, synthesized, whole
from wealist.emulator.server import EmulatedAws
from wealist.emulator.workspace import prepare
from wealist.model.stack import parse
from wealist.operations.aws import clients
from wealist.operations.emulated_stacks import planned_changes
from wealist.operations.terraform import Terraform

pytestmark = pytest.mark.integration

NAME: Final = "/wealist/dev/cache/redis_auth_token"
PARAMETER: Final = "parameters_cache_redis_auth_token"
PARAMETER_ADDRESS: Final = f"aws_ssm_parameter.{PARAMETER}"
REDIS: Final = "aws_elasticache_replication_group.cache_replication_group"
OPERATORS: Final = "anOperatorsOwnTokenOf36CharactersXYZ"
NEXT: Final = "theNextTokenOfThatOperator0123456789"
REFUSED: Final = 'an@operator/who"does,not-know-the-rules'


@dataclass
class Running:
    """An environment's Redis and its dependencies, and Terraform's output since the current configuration."""

    terraform: Terraform
    aws: Between
    ssm: Any
    first: str
    """The original token."""
    before: str
    """Terraform's output of the apply with the old configuration."""
    generated: str = ""
    """The token generated for a new parameter."""
    printed: list[str] = field(default_factory=list)

    def token(self) -> str:
        found = self.ssm.get_parameter(Name=NAME, WithDecryption=True)
        return str(found["Parameter"]["Value"])

    def put(self, value: str) -> None:
        """Change the token as an operator does."""
        key = self.ssm.describe_parameters()["Parameters"][0]["KeyId"]
        self.ssm.put_parameter(Name=NAME, Value=value, Type="SecureString", KeyId=key, Overwrite=True)

    def run(self, *args: str) -> str:
        done = self.terraform.run(*args, capture=True, check=False)
        self.printed.append(done.stdout + done.stderr)
        return self.printed[-1]

    def plan(self) -> dict[str, tuple[str, ...]]:
        """Return the planned changes."""
        self.run("plan", "-out=plan.tfplan")
        return planned_changes(self.terraform.show_json(self.terraform.workdir / "plan.tfplan"))

    def apply(self) -> list[dict[str, str]]:
        """Apply the last plan. Return the tokens in the requests to change Redis."""
        already = len(self.aws.asked)
        assert "Apply complete!" in self.run("apply", "plan.tfplan")
        asked = [request for request in self.aws.asked[already:] if request.service == "elasticache"]
        return [
            {key: request.argument(key) for key in ("AuthToken", "AuthTokenUpdateStrategy")}
            for request in asked
            if request.operation == "ModifyReplicationGroup"
        ]


def current_configuration() -> dict[str, Any]:
    """Return the configuration of Redis and its dependencies in a protected environment."""
    document = synthesized(whole("dev", protected=True)).document
    stack = parse(document, Path("cdk.tf.json"))
    needed, left = set[str](), [REDIS]
    while left:
        address = left.pop()
        thing = stack.resources.get(address) or stack.data.get(address)
        if thing and address not in needed:
            needed.add(address)
            left += [*addresses_in(thing.values), *thing.get("depends_on", [])]
    versions = document["terraform"]["required_providers"]
    alone: dict[str, Any] = {"provider": document["provider"], "terraform": {"required_providers": versions}}
    for address in needed:
        *section, type_, name = address.split(".")
        kind = section[0] if section else "resource"
        alone.setdefault(kind, {}).setdefault(type_, {})[name] = document[kind][type_][name]
    return copy.deepcopy(alone)


def old_configuration() -> dict[str, Any]:
    """Return the old configuration: the token is from a data source, and the parameter keeps it in the state."""
    document = current_configuration()
    del document["ephemeral"]
    password = {"password_length": 64, "exclude_punctuation": True}
    document["data"] = {"aws_secretsmanager_random_password": {"cache_auth_token": password}}
    parameter = document["resource"]["aws_ssm_parameter"][PARAMETER]
    del parameter["value_wo"], parameter["value_wo_version"]
    parameter["value"] = "${data.aws_secretsmanager_random_password.cache_auth_token.random_password}"
    parameter["lifecycle"]["ignore_changes"] = ["value"]
    type_, name = REDIS.split(".")
    document["resource"][type_][name]["auth_token"] = f"${{{PARAMETER_ADDRESS}.value}}"
    return document


def written(document: dict[str, Any], base: Path) -> Path:
    """Write a configuration into the work folder, and return the folder."""
    folder = base / "synthesized" / "dev"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cdk.tf.json").write_text(json.dumps(document, indent=2))
    state = base / "work" / "dev" / "terraform.tfstate"
    kept = state.read_text() if state.exists() else None
    work = prepare(folder, base=base / "work")
    if kept:
        state.write_text(kept)
    return work


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Redis, applied with the old configuration; the work folder has the current one."""
    base = tmp_path_factory.mktemp("redis-token")
    with EmulatedAws(seeds=(), log=base / "aws.log") as aws, Between(aws.environment()) as between:
        terraform = Terraform(written(old_configuration(), base), env=between.environment())
        terraform.init()
        shown = terraform.run("apply", "-auto-approve", capture=True).stdout
        ssm = clients(aws.environment())("ssm", None)
        written(current_configuration(), base)
        environment = Running(terraform, between, ssm, first="", before=shown)
        environment.first = environment.token()
        yield environment


def test_the_search_finds_the_token_in_old_output(running: Running) -> None:
    assert found_in(running.before, {running.first}) == {running.first}


def test_the_current_configuration_keeps_the_token_and_changes_nothing(running: Running) -> None:
    assert running.plan() == {}
    assert running.apply() == []
    assert running.token() == running.first
    assert running.plan() == {}


def test_the_next_apply_updates_redis_in_place_to_the_operators_value(running: Running) -> None:
    running.put(OPERATORS)
    assert running.plan() == {REDIS: ("update",)}
    assert running.apply() == [{"AuthToken": OPERATORS, "AuthTokenUpdateStrategy": "ROTATE"}]
    assert running.token() == OPERATORS
    assert running.plan() == {}


def test_the_plan_refuses_invalid_tokens(running: Running) -> None:
    before = running.token()
    running.put(REFUSED)
    shown = running.run("plan")
    running.put(before)
    assert 'allowed in "auth_token"' in " ".join(shown.split())


def test_a_lost_parameter_is_recreated_and_redis_updated_in_one_apply(running: Running) -> None:
    lost = running.token()
    running.ssm.delete_parameter(Name=NAME)
    assert running.plan() == {PARAMETER_ADDRESS: ("create",), REDIS: ("update",)}
    asked = running.apply()
    assert asked == [{"AuthToken": running.token(), "AuthTokenUpdateStrategy": "ROTATE"}]
    running.generated = running.token()
    assert running.generated not in {lost, running.first}


def test_the_operators_next_value_is_applied_with_the_recreated_parameter(running: Running) -> None:
    running.put(NEXT)
    assert running.plan() == {REDIS: ("update",)}
    assert running.apply() == [{"AuthToken": NEXT, "AuthTokenUpdateStrategy": "ROTATE"}]
    assert running.plan() == {}


def test_no_token_is_printed(running: Running) -> None:
    values = {running.first, running.generated, OPERATORS, NEXT, REFUSED}
    assert [found_in(text, values) for text in running.printed] == [set()] * len(running.printed)
    assert len(running.printed) > 10
