"""What the roles of an environment need: section 9 of the architecture, and what AWS asks for beside it."""

from collections.abc import Iterator

from wealist.checks.iam.needs import of_codedeploy, of_github, of_instances
from wealist.checks.iam.needs.arns import HERE
from wealist.checks.iam.needs.need import Need, actions
from wealist.spec.environment import Environment


def needs(config: Environment) -> list[Need]:
    """The needs of an environment's four roles."""
    return [
        *of_instances.needs(config),
        *of_codedeploy.needs(config),
        *of_github.needs(config),
        *_flow_log(config),
    ]


def _flow_log(config: Environment) -> Iterator[Need]:
    group = f"arn:aws:logs:{HERE}:log-group:{config.names.flow_log_group}:*"
    for why, what, on in (
        ("the VPC's traffic is recorded (EC2.6)", "logs: CreateLogStream PutLogEvents DescribeLogStreams", group),
        ("the flow log looks for its group; the call has no resource", "logs: DescribeLogGroups", "*"),
    ):
        yield Need(who=config.names("flow-logs-role"), why=why, actions=actions(what), on=(on,))
