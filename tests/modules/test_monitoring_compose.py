"""The Compose file of the monitoring instance, and the settings of Grafana."""

import re
from typing import Any, Final

import pytest

pytestmark = pytest.mark.integration

DATA: Final = "/var/lib/monitoring"


def mounted(service: dict[str, Any]) -> dict[str, str]:
    """Return the mounts of a container: path in the container → path on the instance."""
    mounts = {}
    for volume in service["volumes"]:
        source, target = volume.split(":")[:2] if isinstance(volume, str) else (volume["source"], volume["target"])
        mounts[target] = source
    return mounts


@pytest.fixture
def compose(files: dict[str, Any]) -> dict[str, Any]:
    return dict(files["compose"]["services"])


def test_metrics_use_three_quarters_of_the_volume(compose: dict[str, Any]) -> None:
    (limit,) = (flag for flag in compose["prometheus"]["command"] if flag.startswith("--storage.tsdb.retention.size="))
    # Three quarters of 20 GiB; Prometheus' units are powers of two.
    assert limit == "--storage.tsdb.retention.size=15GB"


@pytest.mark.parametrize(("service", "port"), [("prometheus", 9090), ("alertmanager", 9093)])
def test_services_without_login_listen_on_localhost(compose: dict[str, Any], service: str, port: int) -> None:
    assert compose[service]["ports"] == [f"127.0.0.1:{port}:{port}"]


# The data volume


@pytest.mark.parametrize(
    ("service", "target"),
    [("prometheus", "/prometheus"), ("grafana", "/var/lib/grafana"), ("alertmanager", "/alertmanager")],
)
def test_containers_do_not_start_without_the_data_volume(compose: dict[str, Any], service: str, target: str) -> None:
    (volume,) = (each for each in compose[service]["volumes"] if not isinstance(each, str))
    assert (volume["type"], volume["source"], volume["target"]) == ("bind", f"{DATA}/{service}", target)
    # Otherwise Docker would create the folder on the root volume if the mount is missing.
    assert volume["bind"] == {"create_host_path": False}


def test_secrets_are_on_the_data_volume(files: dict[str, Any]) -> None:
    assert "volumes" not in files["compose"]
    assert files["compose"]["secrets"] == {"grafana_admin_password": {"file": f"{DATA}/secrets/grafana-admin-password"}}


# Grafana


def test_grafana_serves_below_its_path(compose: dict[str, Any]) -> None:
    grafana = compose["grafana"]
    assert grafana["ports"] == ["3001:3000"]
    assert grafana["environment"]["GF_SERVER_SERVE_FROM_SUB_PATH"] == "true"
    assert grafana["environment"]["GF_SERVER_ROOT_URL"].endswith("/monitoring/")


def test_grafana_requires_a_login(compose: dict[str, Any]) -> None:
    """The load balancer forwards requests of anybody below its path."""
    settings = compose["grafana"]["environment"]
    assert settings["GF_METRICS_ENABLED"] == "false"
    assert settings["GF_USERS_ALLOW_SIGN_UP"] == "false"
    assert settings["GF_SECURITY_COOKIE_SECURE"] == "true"
    assert not [name for name in settings if "ANONYMOUS" in name]
    assert settings["GF_SECURITY_ADMIN_PASSWORD__FILE"] == "/run/secrets/grafana_admin_password"


def test_grafana_has_prometheus_as_its_data_source(files: dict[str, Any]) -> None:
    (source,) = files["grafana-source"]["datasources"]
    assert (source["type"], source["url"], source["isDefault"]) == ("prometheus", "http://prometheus:9090", True)
    # Grafana derives the window of rates from it.
    assert source["jsonData"]["timeInterval"] == files["prometheus"]["global"]["scrape_interval"]


def test_grafana_finds_the_dashboard_where_it_is_mounted(files: dict[str, Any], compose: dict[str, Any]) -> None:
    (provider,) = files["grafana-dashboards"]["providers"]
    mounts = mounted(compose["grafana"])
    dashboard = f"{provider['options']['path']}/dashboard.json"
    assert mounts[dashboard] == "./dashboard.json"
    assert compose["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == dashboard
    for kind in ("datasources", "dashboards"):
        assert [
            path for path in mounts if path.startswith(f"/etc/grafana/provisioning/{kind}/") and path.endswith(".yml")
        ]


def test_every_file_is_mounted_read_only_and_every_mounted_file_is_fetched(
    compose: dict[str, Any], contents: dict[str, str]
) -> None:
    volumes = [each for service in compose.values() for each in service["volumes"] if isinstance(each, str)]
    assert all(volume.endswith(":ro") for volume in volumes)
    assert {volume.split(":")[0] for volume in volumes} == {f"./{name}" for name in contents if name != "compose.yml"}


def test_every_image_is_of_one_version(compose: dict[str, Any]) -> None:
    images = [service["image"] for service in compose.values()]
    assert [image for image in images if not re.search(r":v?\d+\.\d+\.\d+$", image)] == []


def test_no_file_holds_a_secret(contents: dict[str, str]) -> None:
    for name, content in contents.items():
        words = re.findall(r"[A-Za-z0-9+]{16,}", content)
        assert [word for word in words if all(re.search(k, word) for k in ("[A-Z]", "[a-z]", "[0-9]"))] == [], name
