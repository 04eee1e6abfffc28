"""What a valid environment is: each rule a small named function that yields the problems it finds.

A rule reads one environment, or two where all must fit beside each other. No rule stops another: all
problems are reported at once.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Final

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem
from wealist.spec.rules import alerts, capacity, database, deploys, fields, names, network, routes, zones

_OF_ONE: Final = (
    fields.no_unknown_fields,
    names.name_is_a_dns_label,
    names.physical_names_fit_aws_limits,
    names.domains_are_inside_the_hosted_zone,
    names.certificates_are_in_the_region_that_reads_them,
    network.vpc_is_a_private_block,
    zones.zones_are_two_or_more_of_the_region,
    zones.zones_are_chosen_among_those_with_subnets,
    zones.nat_zone_stands_beside_a_single_gateway,
    zones.failover_has_a_second_zone,
    network.subnets_cover_the_zones,
    network.subnets_are_blocks_inside_the_vpc,
    network.subnets_do_not_overlap,
    capacity.sizes_are_in_order,
    capacity.scaling_aims_at_a_percentage,
    capacity.root_volumes_hold_the_operating_system,
    capacity.monitoring_has_room_for_its_data,
    capacity.instance_types_are_instance_types,
    capacity.instances_run_images_of_x86_64,
    capacity.failover_has_a_second_node,
    capacity.database_keeps_what_a_lasting_environment_needs,
    capacity.database_has_room_to_grow,
    capacity.snapshots_of_redis_are_kept,
    capacity.backups_are_kept_for_a_week,
    capacity.retention_is_one_that_cloudwatch_offers,
    capacity.instances_are_renewed,
    capacity.secrets_version_counts_up,
    database.databases_and_owners_are_named_for_postgresql,
    database.rotated_secrets_are_generated_ones,
    routes.instances_run_a_service,
    routes.services_are_named_as_instances_take_them,
    routes.routes_are_distinct,
    routes.routes_are_ones_that_a_listener_takes,
    routes.paths_are_ones_that_load_balancer_and_instances_take,
    routes.health_is_asked_where_no_metrics_are,
    routes.services_have_time_to_become_healthy,
    routes.internal_paths_leave_the_rest_of_their_route_open,
    routes.internal_paths_are_ones_that_their_route_holds,
    routes.internal_paths_fit_into_one_listener_rule,
    routes.priorities_leave_room_for_the_rules_that_close_internal_paths,
    routes.grafana_answers_below_its_own_path,
    routes.node_metrics_keep_their_port,
    deploys.deploys_come_from_a_branch_that_git_allows,
    deploys.deploys_come_from_an_environment_in_lower_case,
    deploys.deploys_come_from_named_repositories_or_all,
    deploys.claims_fit_into_a_trust_policy,
    deploys.trust_in_every_workflow_stands_alone,
    alerts.alerts_go_to_addresses,
    alerts.alerts_have_limits_that_can_be_crossed,
)
_OF_TWO: Final = (
    names.names_are_distinct,
    names.domains_are_distinct,
    network.vpcs_do_not_overlap,
    deploys.deploys_are_distinct,
)


def check(environments: Sequence[Environment]) -> list[Problem]:
    """Every problem of every environment, rule by rule.

    A rule that reads a value of the wrong type, which `Settings` leaves out, ends there: the value is reported already.
    """
    alone = [problem for each in environments for rule in _OF_ONE for problem in _found(rule, each)]
    beside = [
        problem
        for rule in _OF_TWO
        for one, other in combinations(environments, 2)
        for problem in _found(rule, one, other)
    ]
    return alone + beside


def _found(rule: Callable[..., Iterator[Problem]], *environments: Environment) -> Iterator[Problem]:
    try:
        yield from rule(*environments)
    except AttributeError:
        if all(environment.is_whole for environment in environments):
            raise
