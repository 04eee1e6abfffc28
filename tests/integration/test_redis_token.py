"""Redis' AUTH token in an environment that ran before the token was a write-only value: kept, and then followed.

as before ─ apply ─► as it is now ─ plan, apply ─► an operator's value ─ apply ─► the parameter is lost ─ apply ─► …
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
    """An environment's Redis with all that it rests on, and what Terraform printed since the token is write-only."""

    terraform: Terraform
    aws: Between
    ssm: Any
    first: str
    """The token that the environment was created with."""
    before: str
    """What Terraform printed when it created the environment as it was then."""
    generated: str = ""
    """The token that was generated for a new parameter."""
    printed: list[str] = field(default_factory=list)

    def token(self) -> str:
        found = self.ssm.get_parameter(Name=NAME, WithDecryption=True)
        return str(found["Parameter"]["Value"])

    def put(self, value: str) -> None:
        """What an operator does."""
        key = self.ssm.describe_parameters()["Parameters"][0]["KeyId"]
        self.ssm.put_parameter(Name=NAME, Value=value, Type="SecureString", KeyId=key, Overwrite=True)

    def say(self, *args: str) -> str:
        done = self.terraform.run(*args, capture=True, check=False)
        self.printed.append(done.stdout + done.stderr)
        return self.printed[-1]

    def plan(self) -> dict[str, tuple[str, ...]]:
        """What a plan would change."""
        self.say("plan", "-out=plan.tfplan")
        return planned_changes(self.terraform.show_json(self.terraform.workdir / "plan.tfplan"))

    def apply(self) -> list[dict[str, str]]:
        """Carry out the last plan. Returns the tokens that AWS was asked to give Redis."""
        already = len(self.aws.asked)
        assert "Apply complete!" in self.say("apply", "plan.tfplan")
        asked = [request for request in self.aws.asked[already:] if request.service == "elasticache"]
        return [
            {key: request.argument(key) for key in ("AuthToken", "AuthTokenUpdateStrategy")}
            for request in asked
            if request.operation == "ModifyReplicationGroup"
        ]


def redis_alone() -> dict[str, Any]:
    """A lasting environment's stack, cut down to Redis and what it refers to."""
    document = synthesized(whole("dev", lasts=True)).document
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


def as_before() -> dict[str, Any]:
    """The same as it was when the token came from a data source, and its parameter kept it in the state."""
    document = redis_alone()
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
    """A work folder for the embedded AWS."""
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
    """Redis as it was applied before, with the configuration as it is now."""
    base = tmp_path_factory.mktemp("redis-token")
    with EmulatedAws(seeds=(), log=base / "aws.log") as aws, Between(aws.environment()) as between:
        terraform = Terraform(written(as_before(), base), env=between.environment())
        terraform.init()
        shown = terraform.run("apply", "-auto-approve", capture=True).stdout
        ssm = clients(aws.environment())("ssm", None)
        written(redis_alone(), base)
        environment = Running(terraform, between, ssm, first="", before=shown)
        environment.first = environment.token()
        yield environment


def test_the_search_finds_the_token_that_was_printed_before(running: Running) -> None:
    assert found_in(running.before, {running.first}) == {running.first}


def test_a_running_environment_keeps_its_token_and_nothing_of_it_changes(running: Running) -> None:
    assert running.plan() == {}
    assert running.apply() == []
    assert running.token() == running.first
    assert running.plan() == {}


def test_redis_takes_an_operators_value_in_place_at_the_next_apply(running: Running) -> None:
    running.put(OPERATORS)
    assert running.plan() == {REDIS: ("update",)}
    assert running.apply() == [{"AuthToken": OPERATORS, "AuthTokenUpdateStrategy": "ROTATE"}]
    assert running.token() == OPERATORS
    assert running.plan() == {}


def test_a_value_that_redis_cannot_take_is_refused_by_the_plan(running: Running) -> None:
    before = running.token()
    running.put(REFUSED)
    shown = running.say("plan")
    running.put(before)
    assert 'allowed in "auth_token"' in " ".join(shown.split())


def test_a_lost_parameter_is_created_with_a_new_token_that_redis_takes_in_the_same_apply(running: Running) -> None:
    lost = running.token()
    running.ssm.delete_parameter(Name=NAME)
    assert running.plan() == {PARAMETER_ADDRESS: ("create",), REDIS: ("update",)}
    asked = running.apply()
    assert asked == [{"AuthToken": running.token(), "AuthTokenUpdateStrategy": "ROTATE"}]
    running.generated = running.token()
    assert running.generated not in {lost, running.first}


def test_redis_takes_the_next_value_too_where_the_parameter_was_created_as_it_is_now(running: Running) -> None:
    running.put(NEXT)
    assert running.plan() == {REDIS: ("update",)}
    assert running.apply() == [{"AuthToken": NEXT, "AuthTokenUpdateStrategy": "ROTATE"}]
    assert running.plan() == {}


def test_no_token_was_printed_since(running: Running) -> None:
    values = {running.first, running.generated, OPERATORS, NEXT, REFUSED}
    assert [found_in(text, values) for text in running.printed] == [set()] * len(running.printed)
    assert len(running.printed) > 10
