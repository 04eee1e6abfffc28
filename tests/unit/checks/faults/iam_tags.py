"""Tags that permissions rest on, wrong: one fault each."""

from typing import Any, Final

from tests.guarded import Edit, Fault, faults
from tests.unit.checks.faults.edits import Document, add, put
from tests.unit.checks.faults.iam_edits import WORKFLOWS, change

_TEMPLATE: Final = "aws_launch_template.backend_fleet_launch_template"
_GROUP: Final = "aws_autoscaling_group.backend_fleet_asg"
_DEPLOYMENT: Final = "aws_codedeploy_deployment_group.deployments_user_service_group"
_OWN: Final = {"key": "Environment", "type": "KEY_AND_VALUE", "value": "prod"}
_OF_DEV: Final = _OWN | {"value": "dev"}


def provider(number: int, **tags: str | None) -> Edit:
    """Changes default tags; None takes one away."""
    return lambda document: _change(document["provider"]["aws"][number]["default_tags"][0]["tags"], tags)


def _launched(number: int, **tags: str | None) -> Edit:
    """Changes the tags of what the backend's template launches: 0 an instance, 1 a volume."""

    def edit(document: Document) -> None:
        template = document["resource"]["aws_launch_template"]["backend_fleet_launch_template"]
        _change(template["tag_specifications"][number]["tags"], tags)

    return edit


def _change(tags: dict[str, Any], changes: dict[str, str | None]) -> None:
    for key, value in changes.items():
        if value is None:
            del tags[key]
        else:
            tags[key] = value


def _of_group(key: str, /, **changes: object) -> Edit:
    """Changes the group's own block of a tag; without changes, takes it away."""

    def edit(document: Document) -> None:
        group = document["resource"]["aws_autoscaling_group"]["backend_fleet_asg"]
        if not changes:
            group["tag"] = [each for each in group["tag"] if each["key"] != key]
        for each in group["tag"]:
            if each["key"] == key:
                each.update(changes)

    return edit


def _more(**tag: object) -> Edit:
    return lambda document: document["resource"]["aws_autoscaling_group"]["backend_fleet_asg"]["tag"].append(tag)


def _module(**arguments: object) -> Edit:
    return lambda document: document["module"]["backend_fleet_bootstrap"].update(arguments)


def _ignore(**tags: object) -> Edit:
    return lambda document: document["provider"]["aws"][0].update(ignore_tags=[tags])


def _a_key_of_its_own(statement: dict[str, Any]) -> None:
    statement["Condition"] = {"StringEquals": {"ssm:resourceTag/Team": "prod"}}


FAULTS: Final[list[Fault]] = [
    *faults(
        "iam.tags",
        {
            "instances of prod are tagged as dev's": _launched(0, Environment="dev"),
            "volumes of prod are tagged as dev's": _launched(1, Environment="dev"),
            "instances are not tagged by their template": _launched(0, Environment=None),
            "a template tags no volume": put(f"{_TEMPLATE}.tag_specifications.1.resource_type", to="network-interface"),
            "a template tags nothing": put(f"{_TEMPLATE}.tag_specifications", to=[]),
            "a template's tags are computed": put(f"{_TEMPLATE}.tag_specifications.0.tags", to="${local.tags}"),
            "the value of a tag is computed": _launched(0, Environment="${var.environment}"),
            "the template itself is tagged as dev's": put(f"{_TEMPLATE}.tags.Environment", to="dev"),
            "a group of prod tags as dev's": _of_group("Environment", value="dev"),
            "a group does not tag": _of_group("Environment"),
            "a group's tag stays at the group": _of_group("Environment", propagate_at_launch=False),
            "a group tags a key in other letters": _of_group("Environment", key="environment"),
            "a group tags a key twice": _more(key="environment", value="dev", propagate_at_launch=True),
            "a group tags the same key again": _more(key="Environment", value="prod", propagate_at_launch=True),
            "the backend launches as monitoring": _launched(0, Role="monitoring"),
            "the backend's group tags as monitoring": _of_group("Role", value="monitoring"),
            "the backend is made into monitoring, and tagged as backend": _module(role="monitoring"),
            "a fleet of which no role is known": put(f"{_TEMPLATE}.user_data", to="IyEvYmluL3NoCg=="),
            "a group launches from a template of elsewhere": put(f"{_GROUP}.launch_template.id", to="lt-0123"),
            "a group launches by another block": put(
                f"{_GROUP}.launch_template", to={"id": "${aws_launch_template.monitoring_fleet_launch_template.id}"}
            ),
            "the default tags of prod are dev's": provider(0, Environment="dev"),
            "the default tags of an alias are dev's": provider(1, Environment="dev"),
            "the default tags lack the environment": provider(0, Environment=None),
            "the default tags have a key in other letters": provider(0, environment="dev"),
            "the default tags make everything a fleet": provider(0, Role="monitoring"),
            "the provider ignores a tag": _ignore(keys=["Environment"]),
            "the provider ignores tags by their beginning": _ignore(key_prefixes=["Env"]),
            "a bucket is tagged as dev's": put("aws_s3_bucket.frontend_site_bucket.tags.Environment", to="dev"),
            "a bucket has a tag in other letters": put(
                "aws_s3_bucket.frontend_site_bucket.tags.ENVIRONMENT", to="prod"
            ),
            "a bucket's tags are computed": put("aws_s3_bucket.frontend_site_bucket.tags", to="${local.tags}"),
            "a bucket has all its tags by itself": put(
                "aws_s3_bucket.frontend_site_bucket.tags_all", to={"Environment": "dev"}
            ),
            "the data volume is tagged as dev's": put(
                "aws_ebs_volume.monitoring_data_volume.tags.Environment", to="dev"
            ),
            "a role is tagged as dev's": put("aws_iam_role.identity_ec2_role.tags.Environment", to="dev"),
            "a volume has the tag of a fleet": put("aws_ebs_volume.monitoring_data_volume.tags.Role", to="monitoring"),
            "a nested block is tagged as dev's": put(
                f"{_TEMPLATE}.block_device_mappings.0.ebs.tags", to={"Environment": "dev"}
            ),
            "a module is called with the tags of dev": _module(tags={"Environment": "dev"}),
            "a file is made without the default tags": put(
                "aws_s3_object.monitoring_files_file.override_provider", to=[{"default_tags": [{"tags": {}}]}]
            ),
            "a template's tags stay as they were": put(
                f"{_TEMPLATE}.lifecycle", to={"ignore_changes": ["tag_specifications"]}
            ),
            "one tag of a bucket stays as it was": put(
                "aws_s3_bucket.frontend_site_bucket.lifecycle",
                to={"prevent_destroy": True, "ignore_changes": ['tags["Environment"]']},
            ),
            "an instance is tagged by itself": add("aws_ec2_tag", resource_id="i-1", key="Environment", value="dev"),
            "a group is tagged by itself": add(
                "aws_autoscaling_group_tag",
                autoscaling_group_name="theirs",
                tag={"key": "Role", "value": "monitoring", "propagate_at_launch": True},
            ),
            "deployments go to the instances of dev": put(f"{_DEPLOYMENT}.ec2_tag_filter", to=[_OF_DEV]),
            "deployments go to dev, too": put(f"{_DEPLOYMENT}.ec2_tag_filter", to=[_OWN, _OF_DEV]),
            "deployments go to every environment": put(
                f"{_DEPLOYMENT}.ec2_tag_filter", to=[{"key": "Environment", "type": "KEY_ONLY"}]
            ),
            "deployments go to a set of dev's": put(f"{_DEPLOYMENT}.ec2_tag_set", to=[{"ec2_tag_filter": [_OF_DEV]}]),
            "deployments go to a set of either": put(
                f"{_DEPLOYMENT}.ec2_tag_set", to=[{"ec2_tag_filter": [_OWN, _OF_DEV]}]
            ),
            "a condition compares a tag that nobody sets": change(WORKFLOWS, "RunOnOwnInstances", _a_key_of_its_own),
        },
    ),
]
