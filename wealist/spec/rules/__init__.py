"""Rules of valid environments. Each is a small function that yields the problems of one environment, or of two.

A problem of two environments belongs to the second. No rule stops another, so all problems are reported at once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem, unknown_fields
from wealist.spec.rules import alerts, capacity, database, deploys, names, network, routes, zones

_OF_ONE: Final[tuple[Callable[[Environment], Iterator[Problem]], ...]] = (
    unknown_fields,
    names.name_is_a_dns_label,
    names.physical_names_fit_aws_limits,
    names.domains_are_inside_the_hosted_zone,
    names.certificates_are_in_the_region_that_reads_them,
    network.vpc_is_a_private_block,
    zones.zones_are_two_or_more_of_the_region,
    zones.zones_are_chosen_among_those_with_subnets,
    zones.nat_zone_needs_a_single_gateway,
    zones.failover_has_a_second_zone,
    network.subnets_cover_the_zones,
    network.subnets_are_blocks_inside_the_vpc,
    network.subnets_do_not_overlap,
    capacity.sizes_are_in_order,
    capacity.cpu_target_is_a_percentage,
    capacity.volumes_are_large_enough,
    capacity.instance_types_exist,
    capacity.instances_run_images_of_x86_64,
    capacity.failover_has_a_second_node,
    database.database_has_backups_and_a_version,
    database.database_has_room_to_grow,
    capacity.snapshots_of_redis_are_kept,
    capacity.backups_are_kept_for_a_week,
    capacity.retention_is_one_of_cloudwatch,
    capacity.instances_are_renewed,
    capacity.secrets_version_is_positive,
    database.databases_and_owners_need_no_quotes,
    database.rotated_secrets_are_generated,
    routes.there_is_a_service,
    routes.service_names_are_valid_on_instances,
    routes.routes_are_distinct,
    routes.ports_and_priorities_are_in_range,
    routes.paths_are_valid,
    routes.health_and_metrics_have_different_paths,
    routes.services_have_time_to_become_healthy,
    routes.internal_paths_do_not_close_their_whole_route,
    routes.internal_paths_are_within_their_route,
    routes.internal_paths_fit_into_one_listener_rule,
    routes.priorities_leave_room_for_closing_rules,
    routes.grafana_has_its_own_path,
    routes.port_of_node_metrics_is_free,
    deploys.branch_is_a_branch_name,
    deploys.github_environment_is_in_lower_case,
    deploys.repositories_are_names_or_all,
    deploys.claims_fit_into_a_trust_policy,
    deploys.trust_in_every_workflow_stands_alone,
    alerts.alerts_have_addresses,
    alerts.connection_limit_is_positive,
)
_OF_TWO: Final = (
    names.names_are_distinct,
    names.domains_are_distinct,
    network.vpcs_do_not_overlap,
    deploys.deploys_are_distinct,
)


def check(environments: Sequence[Environment]) -> list[Problem]:
    """Return every problem of some environments, alone and in pairs."""
    alone = [problem for each in environments for rule in _OF_ONE for problem in _problems(rule, each)]
    pairs = list(combinations(environments, 2))
    return alone + [problem for rule in _OF_TWO for pair in pairs for problem in _problems(rule, *pair)]


def _problems(rule: Callable[..., Iterator[Problem]], *environments: Environment) -> Iterator[Problem]:
    """Yield the problems that a rule finds.

    `Settings` drops values of the wrong type, which are reported already. A rule that reads one ends there.
    """
    try:
        for problem in rule(*environments):
            yield replace(problem, owner=environments[-1].name)
    except AttributeError:
        if all(environment.is_whole for environment in environments):
            raise
