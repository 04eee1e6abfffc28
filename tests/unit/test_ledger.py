"""An address is a contract with the state: none comes or goes unnoticed, and nothing stateful without a word."""

from pathlib import Path

import pytest

from tests.synthesized import stacks
from wealist.errors import BAD_INPUT, OperatorError
from wealist.operations.ledger import (
    FOLDER,
    HOW_TO_ACKNOWLEDGE,
    WHAT_TO_DO,
    StackLedger,
    begin,
    committed,
    differences,
    taken,
    write,
)

DATABASE = "aws_db_instance.database_instance"
VPC = StackLedger(frozenset({"aws_vpc.network_vpc"}))
HOLDING = StackLedger(frozenset({"aws_vpc.network_vpc", DATABASE}), frozenset({DATABASE}))
GIVEN_UP = {DATABASE: "2026-11-22: moved to Aurora, its data migrated"}
NOTHING = StackLedger()


def test_no_address_appears_or_disappears_without_the_ledger() -> None:
    changed = differences(committed(), {name: taken(stack.document) for name, stack in stacks().items()})
    assert not changed, "\n".join([*changed, WHAT_TO_DO])


@pytest.mark.parametrize("stack", ["account", "bootstrap", "dev", "prod"])
def test_a_stacks_ledger_is_as_the_command_writes_it(stack: str) -> None:
    text = (FOLDER / f"{stack}.txt").read_text(encoding="utf-8")
    assert text == "".join(f"{line}\n" for line in committed()[stack].lines())


def test_the_ledger_knows_everything_that_has_an_address() -> None:
    document = {
        "terraform": {"backend": {"s3": {}}},
        "provider": {"aws": [{}]},
        "resource": {"aws_vpc": {"a": {}, "b": {}}},
        "data": {"aws_route53_zone": {"zone": {}}},
        "ephemeral": {"aws_secretsmanager_random_password": {"jwt": {}}},
        "module": {"bootstrap": {"source": "./modules/instance_bootstrap"}},
        "output": {"site_url": {}},
    }
    assert taken(document).addresses == {
        "aws_vpc.a",
        "aws_vpc.b",
        "data.aws_route53_zone.zone",
        "ephemeral.aws_secretsmanager_random_password.jwt",
        "module.bootstrap",
        "output.site_url",
    }


def test_what_no_plan_may_destroy_is_told_apart() -> None:
    document = {
        "resource": {"aws_kms_key": {"kept": {"lifecycle": {"prevent_destroy": True}}, "loose": {"lifecycle": {}}}},
        "module": {"state": {"source": "./modules/state_backend"}, "boot": {"source": "./modules/instance_bootstrap"}},
    }
    assert taken(document).stateful == {"aws_kms_key.kept", "module.state"}


def test_an_address_that_is_gone_is_told_with_its_stack() -> None:
    assert differences({"prod": VPC, "dev": VPC}, {"prod": NOTHING, "dev": VPC}) == ["- prod: aws_vpc.network_vpc"]


def test_an_address_that_is_new_is_told_with_its_stack() -> None:
    assert differences({"prod": NOTHING}, {"prod": VPC}) == ["+ prod: aws_vpc.network_vpc"]


def test_a_stack_that_comes_or_goes_does_so_with_all_its_addresses() -> None:
    assert differences({"old": VPC}, {"new": VPC}) == ["+ new: aws_vpc.network_vpc", "- old: aws_vpc.network_vpc"]


def test_a_protection_that_comes_or_goes_is_told() -> None:
    loose = StackLedger(HOLDING.addresses)
    assert differences({"prod": loose}, {"prod": HOLDING}) == [f"~ prod: {DATABASE} is stateful"]
    assert differences({"prod": HOLDING}, {"prod": loose}) == [f"~ prod: {DATABASE} is stateful no more"]


def test_addresses_as_committed_ask_for_nothing() -> None:
    assert differences({"prod": HOLDING}, {"prod": HOLDING}) == []


@pytest.mark.parametrize("said", ["`moved`", "`removed`", "`python -m wealist ledger`"])
def test_the_failure_says_what_to_do(said: str) -> None:
    assert said in WHAT_TO_DO


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    given_up = StackLedger(HOLDING.addresses, HOLDING.stateful, {"aws_kms_key.*": "2026-11-22: nothing was encrypted"})
    write({"prod": given_up}, {"prod": HOLDING, "dev": VPC}, tmp_path)
    assert committed(tmp_path) == {"prod": given_up, "dev": VPC}
    assert (tmp_path / "prod.txt").read_text() == (
        f"{DATABASE}  # stateful\naws_vpc.network_vpc\n- aws_kms_key.*  # 2026-11-22: nothing was encrypted\n"
    )


def test_what_leaves_the_code_stays_as_removed_until_it_comes_back(tmp_path: Path) -> None:
    here = StackLedger(VPC.addresses | {"aws_eip.nat", "module.boot", "data.aws_ami.image", "output.url"})
    write({}, {"prod": here}, tmp_path)
    write(committed(tmp_path), {"prod": VPC}, tmp_path)
    assert (tmp_path / "prod.txt").read_text() == (
        "aws_vpc.network_vpc\naws_eip.nat  # removed\nmodule.boot  # removed\n"
    )
    write(committed(tmp_path), {"prod": VPC}, tmp_path)
    assert committed(tmp_path)["prod"].removed == {"aws_eip.nat", "module.boot"}
    write(committed(tmp_path), {"prod": here}, tmp_path)
    assert committed(tmp_path) == {"prod": here}


def test_an_acknowledgement_is_read_alike_on_any_day(tmp_path: Path) -> None:
    days = ("1999-01-01", "2999-01-01")
    (tmp_path / "prod.txt").write_text("".join(f"- aws_eip.of_{day}  # {day}: it is needed no more\n" for day in days))
    assert set(committed(tmp_path)["prod"].acknowledged) == {f"aws_eip.of_{day}" for day in days}


def test_a_new_stack_begins_with_an_empty_ledger_and_the_others_keep_theirs(tmp_path: Path) -> None:
    write({}, {"prod": HOLDING}, tmp_path)
    begin(["prod", "new"], tmp_path)
    assert committed(tmp_path) == {"prod": HOLDING, "new": NOTHING}


@pytest.mark.parametrize("said", ["false", "true", 1, None])
def test_what_only_seems_to_be_protected_is_not(said: object) -> None:
    assert (
        taken({"resource": {"aws_kms_key": {"key": {"lifecycle": {"prevent_destroy": said}}}}}).stateful == frozenset()
    )


def test_a_stack_that_is_gone_has_no_ledger(tmp_path: Path) -> None:
    write({}, {"old": VPC}, tmp_path)
    write({"old": VPC}, {"new": VPC}, tmp_path)
    assert committed(tmp_path) == {"new": VPC}


@pytest.mark.parametrize(
    "now",
    [{"prod": VPC}, {"prod": StackLedger(HOLDING.addresses)}, {}],
    ids=["taken out of the code", "no longer protected", "with the whole stack"],
)
def test_nothing_stateful_leaves_the_ledger_without_an_acknowledgement(
    tmp_path: Path, now: dict[str, StackLedger]
) -> None:
    write({}, {"prod": HOLDING}, tmp_path)
    with pytest.raises(OperatorError, match=f"prod: {DATABASE}") as refused:
        write({"prod": HOLDING}, now, tmp_path)
    assert HOW_TO_ACKNOWLEDGE in refused.value.remedy
    assert committed(tmp_path) == {"prod": HOLDING}


def test_an_acknowledgement_lets_it_go_and_stays(tmp_path: Path) -> None:
    write({"prod": StackLedger(HOLDING.addresses, HOLDING.stateful, GIVEN_UP)}, {"prod": VPC}, tmp_path)
    assert committed(tmp_path) == {"prod": StackLedger(VPC.addresses, acknowledged=GIVEN_UP)}


@pytest.mark.parametrize(
    "line",
    [
        f"- {DATABASE}",
        f"- {DATABASE}  # moved to Aurora, its data migrated",
        f"- {DATABASE}  # 2026-13-01: moved to Aurora, its data migrated",
        f"- {DATABASE}  # 2026-11-22: gone",
        "- aws_*  # 2026-11-22: nobody needs any of them",
        "- *.database_instance  # 2026-11-22: nobody needs any of them",
        f"{DATABASE}  # a note",
        "aws_db_instance",
        "",
    ],
    ids=[
        "no reason",
        "no day",
        "no such day",
        "hardly a reason",
        "any type",
        "a name of any type",
        "a comment",
        "no address",
        "nothing",
    ],
)
def test_a_line_that_says_nothing_is_refused_with_its_place(tmp_path: Path, line: str) -> None:
    (tmp_path / "prod.txt").write_text(f"aws_vpc.network_vpc\n{line}\n")
    with pytest.raises(OperatorError, match=r"prod\.txt:2") as refused:
        committed(tmp_path)
    assert refused.value.exit_code == BAD_INPUT
