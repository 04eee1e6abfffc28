"""An address is a contract with the state: none comes or goes unnoticed."""

import pytest

from tests.ledger import FOLDER, WHAT_TO_DO, addresses, committed, differences, write
from tests.synthesized import stacks

VPC = {"aws_vpc.network_vpc"}


def test_no_address_appears_or_disappears_without_the_ledger() -> None:
    changed = differences(committed(), {name: addresses(stack.document) for name, stack in stacks().items()})
    assert not changed, "\n".join([*changed, WHAT_TO_DO])


@pytest.mark.parametrize("stack", ["account", "bootstrap", "dev", "prod"])
def test_a_stacks_ledger_is_sorted_one_address_a_line(stack: str) -> None:
    lines = (FOLDER / f"{stack}.txt").read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    assert all(line == line.strip() and "." in line for line in lines)


def test_the_ledger_knows_everything_that_has_an_address() -> None:
    document = {
        "terraform": {"backend": {"s3": {}}},
        "provider": {"aws": [{}]},
        "resource": {"aws_vpc": {"a": {}, "b": {}}},
        "data": {"aws_route53_zone": {"zone": {}}},
        "ephemeral": {"aws_secretsmanager_random_password": {"jwt": {}}},
        "module": {"bootstrap": {}},
        "output": {"site_url": {}},
    }
    assert addresses(document) == {
        "aws_vpc.a",
        "aws_vpc.b",
        "data.aws_route53_zone.zone",
        "ephemeral.aws_secretsmanager_random_password.jwt",
        "module.bootstrap",
        "output.site_url",
    }


def test_an_address_that_is_gone_is_told_with_its_stack() -> None:
    assert differences({"prod": VPC, "dev": VPC}, {"prod": set(), "dev": VPC}) == ["- prod: aws_vpc.network_vpc"]


def test_an_address_that_is_new_is_told_with_its_stack() -> None:
    assert differences({"prod": set()}, {"prod": VPC}) == ["+ prod: aws_vpc.network_vpc"]


def test_a_stack_that_comes_or_goes_does_so_with_all_its_addresses() -> None:
    assert differences({"old": VPC}, {"new": VPC}) == ["- old: aws_vpc.network_vpc", "+ new: aws_vpc.network_vpc"]


def test_addresses_as_committed_ask_for_nothing() -> None:
    assert differences({"prod": VPC}, {"prod": VPC}) == []


@pytest.mark.parametrize("said", ["`moved`", "`removed`", "`python -m tests.ledger`"])
def test_the_failure_says_what_to_do(said: str) -> None:
    assert said in WHAT_TO_DO


def test_rewriting_the_ledger_makes_it_what_was_found(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    monkeypatch.setattr("tests.ledger.FOLDER", folder)
    (folder / "gone.txt").write_text("aws_vpc.a\n")
    found = {"prod": {"b.b", "a.a"}, "dev": VPC}
    write(found)
    assert committed() == found
    assert (folder / "prod.txt").read_text() == "a.a\nb.b\n"
