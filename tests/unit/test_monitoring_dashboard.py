"""The dashboard as Grafana reads it: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any, Final

DASHBOARD: Final = Path(__file__).parents[2] / "modules/instance_bootstrap/monitoring/dashboard.json"
DOCUMENT: Final[dict[str, Any]] = json.loads(DASHBOARD.read_text())
PANELS: Final[list[dict[str, Any]]] = DOCUMENT["panels"]
SHOWN: Final = [panel for panel in PANELS if panel["type"] != "row"]
COLUMNS: Final = 24


def cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
    """Return the cells of Grafana's grid that a panel covers."""
    at = panel["gridPos"]
    return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}


def test_the_dashboard_has_a_uid_and_no_id() -> None:
    # Ids differ between databases.
    assert "id" not in DOCUMENT
    assert DOCUMENT["uid"] == "wealist"
    assert DOCUMENT["title"]


def test_the_dashboard_has_rows_for_services_instances_and_prometheus() -> None:
    assert [panel["title"] for panel in PANELS if panel["type"] == "row"] == [
        "Now",
        "Services",
        "Instances",
        "Prometheus",
    ]


def test_every_panel_uses_the_provisioned_data_source() -> None:
    provisioned = {"type": "prometheus", "uid": "prometheus"}
    sources = [panel["datasource"] for panel in SHOWN]
    sources += [target["datasource"] for panel in SHOWN for target in panel["targets"]]
    assert sources == [provisioned] * len(sources)


def test_every_panel_has_queries_a_description_and_a_unit() -> None:
    assert len(SHOWN) > 10
    for panel in SHOWN:
        assert panel["targets"], panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references), panel["title"]
        assert all(target["legendFormat"] for target in panel["targets"]), panel["title"]


def test_panels_do_not_overlap_and_stay_on_the_grid() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    for one, other in combinations(PANELS, 2):
        assert not cells(one) & cells(other), (one["title"], other["title"])
    assert all(0 <= x < COLUMNS for panel in PANELS for x, _ in cells(panel))


def test_rates_use_the_interval_of_grafana() -> None:
    """A literal window would contain no samples if the scrape interval became longer."""
    asked = [target["expr"] for panel in SHOWN for target in panel["targets"]]
    windows = [expression.split("[")[1].split("]")[0] for expression in asked if "[" in expression]
    assert windows
    assert set(windows) == {"$__rate_interval"}
