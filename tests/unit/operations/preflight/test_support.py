"""What runs is supported on this day, by one table with a source for each row."""

import datetime as dt
import sys
from pathlib import Path

import pytest

from tests.synthesized import environment, synthesized
from tests.unit.operations.preflight.conftest import rows, subject
from wealist.operations.preflight import support as looking
from wealist.operations.preflight.check import Outcome, Row
from wealist.operations.preflight.support import Support, read, support
from wealist.spec.environment import ManagedDatabase

DAY = dt.date(2030, 1, 31)


def row_of(end: dt.date | str) -> Support:
    return Support.model_validate({"end": end, "source": "https://example.com/calendar"})


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Support]]:
    """A table in which everything that is in use ends on one day."""
    known = {product: dict.fromkeys(versions, row_of(DAY)) for product, versions in read().items()}
    known["python"][f"{sys.version_info.major}.{sys.version_info.minor}"] = row_of(DAY)
    monkeypatch.setattr(looking, "read", lambda: known)
    return known


def looked(today: dt.date = DAY, name: str = "dev") -> dict[str, Row]:
    return {row.what: row for row in rows(support, subject(name, today=today))}


def test_engines_operating_system_agent_runtimes_actions_and_runners_are_looked_up() -> None:
    python = f"support of python {sys.version_info.major}.{sys.version_info.minor}"
    actions = {each for each in looked() if "/" in each or "runner" in each}
    assert len(actions) > 1
    assert set(looked()) - actions == {
        "support of postgres 17", "support of redis 7", "support of amazon_linux amazon_linux_2", python,
        "support of codedeploy_agent 2.1", "support of node 22",
    }  # fmt: skip
    assert "support of postgres 17" not in looked(name="prod")  # made by hand: no version of it is known


def test_a_version_is_supported_until_its_last_day_and_no_longer() -> None:
    assert {(row.outcome, row.found) for row in looked().values()} == {(Outcome.RIGHT, "until 2030-01-31")}
    ended = looked(DAY + dt.timedelta(days=1))
    assert {(row.outcome, row.found) for row in ended.values()} == {(Outcome.WRONG, "ended 2030-01-31")}
    assert all("https://example.com/calendar" in row.remedy for row in ended.values())


def test_a_version_without_an_announced_end_is_supported(table: dict[str, dict[str, Support]]) -> None:
    table["redis"]["7"] = row_of("")
    assert looked(dt.date(2099, 1, 1))["support of redis 7"].found == "no end announced"


def test_a_version_that_the_table_lacks_is_wrong_and_names_the_table(table: dict[str, dict[str, Support]]) -> None:
    del table["redis"]["7"]
    row = looked()["support of redis 7"]
    assert row.outcome == Outcome.WRONG
    assert looking.SHOWN in row.remedy


def test_another_major_version_of_the_settings_is_another_row() -> None:
    config = environment("dev", database=ManagedDatabase(engine_version="16.4"), operating_system="al2023")
    of = subject(config=config, document=synthesized(config).document)
    found = {row.what for row in rows(support, of)}
    assert {"support of postgres 16", "support of amazon_linux al2023"} <= found


def test_another_agent_is_another_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = tmp_path / "main.tf"
    pins.write_text('locals {\n  versions = {\n    codedeploy_agent = "2.0.1-11"\n  }\n}\n')
    monkeypatch.setattr(looking, "_INSTANCES", pins)
    row = looked()["support of codedeploy_agent 2.0"]
    assert (row.outcome, looking.SHOWN in row.remedy) == (Outcome.WRONG, True)


def test_each_row_has_a_day_or_says_that_none_is_announced_and_a_source() -> None:
    for product, versions in read().items():
        for version, row in versions.items():
            assert isinstance(row.end, dt.date) or row.end == "", f"{product} {version}"
            assert row.source.scheme == "https"


def test_the_warning_of_a_synthesis_names_the_day_of_the_table() -> None:
    warnings = environment("dev", operating_system="amazon_linux_2").warnings
    assert any(str(read()["amazon_linux"]["amazon_linux_2"].end) in warning for warning in warnings)
