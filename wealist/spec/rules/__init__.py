"""What a valid environment is: each rule a small named function that yields the problems it finds.

A rule reads one environment, or all of them where they must fit beside each other. No rule stops another:
all problems are told at once.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from wealist.spec.environment import Environment
from wealist.spec.problems import Problem
from wealist.spec.rules import capacity, database, fields, names, network, routes

_OF_ONE: Final = (
    fields.no_unknown_fields,
    names.name_is_a_dns_label,
    names.physical_names_fit_aws_limits,
    names.domains_are_inside_the_hosted_zone,
    names.certificates_are_in_the_region_that_reads_them,
    network.vpc_is_a_private_block,
    network.subnets_cover_the_zones,
    network.subnets_are_blocks_inside_the_vpc,
    network.subnets_do_not_overlap,
    capacity.sizes_are_in_order,
    capacity.scaling_aims_at_a_percentage,
    capacity.volumes_hold_the_operating_system,
    capacity.monitoring_has_room_for_its_data,
    capacity.instance_types_are_instance_types,
    capacity.failover_has_a_second_node,
    capacity.database_keeps_what_a_lasting_environment_needs,
    capacity.snapshots_of_redis_are_kept,
    capacity.retention_is_one_that_cloudwatch_offers,
    capacity.secrets_version_counts_up,
    database.databases_and_owners_are_named_for_postgresql,
    database.rotated_secrets_are_generated_ones,
    routes.routes_are_distinct,
    routes.routes_are_ones_that_a_listener_takes,
    routes.node_metrics_keep_their_port,
)
_OF_ALL: Final = (
    names.names_are_distinct,
    names.domains_are_distinct,
    network.vpcs_do_not_overlap,
)


def check(environments: Sequence[Environment]) -> list[Problem]:
    """Every problem of every environment, rule by rule."""
    alone: Iterable[Iterable[Problem]] = (rule(environment) for environment in environments for rule in _OF_ONE)
    together: Iterable[Iterable[Problem]] = (rule(environments) for rule in _OF_ALL)
    return list(chain.from_iterable(chain(alone, together)))
