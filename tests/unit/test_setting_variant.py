"""The variant of environments that many tests use is valid, and differs in every setting."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.synthesized import all_changed, environment
from wealist.spec.rules import check

AS_COMMITTED = {
    "name", "may_be_destroyed", "network.cidr", "network.zones", "network.custom_subnets",
    "network.nat_zone", "site.domain", "api.domain", "services",
    "github_deploy.every_workflow_of_the_organisation",
    "grafana.name", "grafana.path_pattern", "grafana.priority", "grafana.port", "grafana.health_path",
}  # fmt: skip
"""What the variant leaves alone: other tests have variants of their own, or none."""


def leaves(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every single setting, by its dotted name."""
    for name, value in values.items():
        if isinstance(value, Mapping) and name != "custom_subnets":
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def test_the_variant_changes_every_setting(name: str) -> None:
    committed, changed = dict(leaves(environment(name).model_dump())), dict(leaves(all_changed(name).model_dump()))
    same = {setting for setting, value in changed.items() if committed.get(setting) == value}
    one_certificate = {"dev": "api.certificate_arn", "prod": "site.certificate_arn"}[name]
    assert same == AS_COMMITTED | {one_certificate}


def test_the_variant_is_valid() -> None:
    assert check([all_changed("dev"), all_changed("prod")]) == []
