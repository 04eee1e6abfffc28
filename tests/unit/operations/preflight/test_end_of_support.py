"""The checks of the end of support, by a table with a source for each row."""

import datetime as dt
import sys
from pathlib import Path

import pytest

from tests.synthesized import environment
from tests.unit.operations.preflight.conftest import rows, subject
from wealist.operations.preflight import end_of_support
from wealist.operations.preflight.check import Outcome, Row
from wealist.operations.preflight.end_of_support import Support, read, support
from wealist.spec.environment import ManagedDatabase

DAY = dt.date(2030, 1, 31)


def row_of(end: dt.date | str) -> Support:
    return Support.model_validate({"end": end, "source": "https://example.com/calendar"})


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Support]]:
    """A table in which the support of everything in use ends on the same day."""
    rows_of = {product: dict.fromkeys(versions, row_of(DAY)) for product, versions in read().items()}
    rows_of["python"][f"{sys.version_info.major}.{sys.version_info.minor}"] = row_of(DAY)
    monkeypatch.setattr(end_of_support, "read", lambda: rows_of)
    return rows_of


def results(today: dt.date = DAY, name: str = "dev") -> dict[str, Row]:
    return {row.what: row for row in rows(support, subject(name, today=today))}


def test_engines_system_agent_runtimes_actions_and_runners_are_checked() -> None:
    python = f"support of python {sys.version_info.major}.{sys.version_info.minor}"
    actions = {each for each in results() if "/" in each or "runner" in each}
    assert len(actions) > 1
    assert set(results()) - actions == {
        "support of postgres 17", "support of redis 7", "support of amazon_linux amazon_linux_2", python,
        "support of codedeploy_agent 2.1", "support of node 22",
    }  # fmt: skip
    assert "support of postgres 17" not in results(name="prod")  # external: its version is unknown


def test_a_version_is_supported_until_its_last_day() -> None:
    assert {(row.outcome, row.found) for row in results().values()} == {(Outcome.RIGHT, "until 2030-01-31")}
    ended = results(DAY + dt.timedelta(days=1))
    assert {(row.outcome, row.found) for row in ended.values()} == {(Outcome.WRONG, "ended 2030-01-31")}
    assert all("https://example.com/calendar" in row.remedy for row in ended.values())


def test_a_version_without_an_announced_end_is_supported(table: dict[str, dict[str, Support]]) -> None:
    table["redis"]["7"] = row_of("")
    assert results(dt.date(2099, 1, 1))["support of redis 7"].found == "no end announced"


def test_a_version_without_a_row_is_wrong_and_names_the_table(table: dict[str, dict[str, Support]]) -> None:
    del table["redis"]["7"]
    row = results()["support of redis 7"]
    assert row.outcome == Outcome.WRONG
    assert end_of_support.SHOWN in row.remedy


def test_configured_versions_select_their_rows() -> None:
    config = environment("dev", database=ManagedDatabase(engine_version="16.4"), operating_system="al2023")
    found = {row.what for row in rows(support, subject(config=config))}
    assert {"support of postgres 16", "support of amazon_linux al2023"} <= found


def test_the_pinned_agent_selects_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = tmp_path / "main.tf"
    pins.write_text('locals {\n  versions = {\n    codedeploy_agent = "2.0.1-11"\n  }\n}\n')
    monkeypatch.setattr(end_of_support, "_INSTANCES", pins)
    row = results()["support of codedeploy_agent 2.0"]
    assert (row.outcome, end_of_support.SHOWN in row.remedy) == (Outcome.WRONG, True)


def test_each_row_has_a_valid_end_and_an_https_source() -> None:
    for product, versions in read().items():
        for version, row in versions.items():
            assert isinstance(row.end, dt.date) or row.end == "", f"{product} {version}"
            assert row.source.scheme == "https"


def test_the_warning_of_a_synthesis_names_the_end_in_the_table() -> None:
    warnings = environment("dev", operating_system="amazon_linux_2").warnings
    assert any(str(read()["amazon_linux"]["amazon_linux_2"].end) in warning for warning in warnings)
