"""What stands around the resources, changed: the guard of the stack must notice each."""

from typing import Any, Final

from tests.guarded import Edit, faults
from tests.unit.checks.faults.edits import INGRESS, Document, add, both, drop, put

_BLOCK: Final = "aws_s3_bucket_public_access_block.frontend_site_public_access_block"
_TO_THE_DATABASE: Final = "aws_vpc_security_group_ingress_rule.firewall_ec2_to_rds_5432_ingress.id"
_STRANGER: Final = "arn:aws:iam::111111111111:role/theirs"


def _backend(**changes: object) -> Edit:
    return lambda document: document["terraform"]["backend"]["s3"].update(changes)


def _no_lock(document: Document) -> None:
    del document["terraform"]["backend"]["s3"]["use_lockfile"]


def _terraform(**changes: object) -> Edit:
    return lambda document: document["terraform"].update(changes)


def _provider(number: int = 0, **changes: object) -> Edit:
    return lambda document: document["provider"]["aws"][number].update(changes)


def _any_account(document: Document) -> None:
    del document["provider"]["aws"][1]["allowed_account_ids"]


def _top(**blocks: object) -> Edit:
    return lambda document: document.update(blocks)


def _data(section: str = "data", **kinds: object) -> Edit:
    return lambda document: document[section].update({kind: {"mistake": values} for kind, values in kinds.items()})


def _call(**arguments: object) -> Edit:
    return lambda document: document["module"]["backend_fleet_bootstrap"].update(arguments)


def _check(**blocks: object) -> Edit:
    return lambda document: document["check"]["firewall_rules"].update(blocks)


def _data_source(**arguments: object) -> Edit:
    return lambda document: document["data"]["aws_route53_zone"]["dns_zone"].update(arguments)


def _removed(**block: Any) -> Edit:
    return _top(removed=[{"from": "aws_kms_key.encryption_key", **block}])


def _state_module(**arguments: object) -> Edit:
    return lambda document: document["module"]["state_backend"].update(arguments)


def _asserted(condition: str | None = None, edit: tuple[str, str] = ("", "")) -> Edit:
    """Change the condition of the check of security groups: to another one, or a part of it."""

    def change(document: Document) -> None:
        block = document["check"]["firewall_rules"]["assert"]
        block["condition"] = condition or block["condition"].replace(*edit)

    return change


def _rules(document: Document) -> Document:
    found: Document = document["data"]["aws_vpc_security_group_rules"]["firewall_rules"]
    return found


def _filter(document: Document) -> Document:
    found: Document = _rules(document)["filter"][0]
    return found


def _moved(before: str, after: str, *more: tuple[str, str]) -> Edit:
    return _top(moved=[{"from": one, "to": other} for one, other in ((before, after), *more)])


def _twice(text: str, instead: str) -> Edit:
    def edit(document: Document) -> None:
        policy = document["resource"]["aws_iam_policy"]["identity_ec2_s3_policy"]
        policy["policy"] = policy["policy"].replace(text, instead, 1)

    return edit


FAULTS: Final = [
    *faults(
        "stack.arguments",
        {
            "a public access block is not made at all": put(f"{_BLOCK}.count", to=0),
            "a bucket policy is made by an expression": put(
                "aws_s3_bucket_policy.frontend_site_policy.count", to="${0}"
            ),
            "flow logs are not made": put("aws_flow_log.flow_logs_flow_log.count", to=0),
            "objects are not encrypted in truth": put(
                "aws_s3_bucket_server_side_encryption_configuration.frontend_site_encryption.count", to=0
            ),
            "a role has no policy in truth": put("aws_iam_role_policy.flow_logs_policy.count", to=0),
            "the key is made twice": put("aws_kms_key.encryption_key.count", to=2),
            "a block is made for each of nothing": put(f"{_BLOCK}.for_each", to={}),
            "files are made for each of a literal": put("aws_s3_object.monitoring_files_file.for_each", to={"a": "b"}),
            "files are made for each of an expression": put(
                "aws_s3_object.monitoring_files_file.for_each",
                to='${false ? module.monitoring_fleet_bootstrap.files : {"a" = "b"}}',
            ),
            "blocks are made for each file of a module": put(
                f"{_BLOCK}.for_each", to="${module.monitoring_fleet_bootstrap.files}"
            ),
            "rules are made in a loop": put(f"{INGRESS}.firewall_ec2_to_rds_5432_ingress.for_each", to=["a", "b"]),
            "rules are made by a dynamic block": put(
                "aws_security_group.firewall_redis_sg.dynamic", to={"ingress": {"for_each": [1], "content": {}}}
            ),
            "a listener forwards by a dynamic block": put(
                "aws_lb_listener.load_balancer_http.default_action",
                to=[{"type": "forward", "dynamic": {"forward": {"for_each": [1], "content": {}}}}],
            ),
            "a module is not called": _call(count=0),
            "a module is called with other providers": _call(providers={"aws": "aws.cdn"}),
            "a data source is read in a loop": _data_source(count=2),
            "a bucket is in another region": put("aws_s3_bucket.frontend_site_bucket.provider", to="aws.cdn"),
            "a certificate is of a provider that nobody knows": put(
                "aws_acm_certificate.frontend_cdn_certificate.provider", to="aws.theirs"
            ),
            "a program runs with an apply": put(
                "aws_subnet.network_public_subnet_a.provisioner", to=[{"local-exec": {"command": "curl example.com"}}]
            ),
            "an apply connects to instances": put("aws_vpc.network_vpc.connection", to={"type": "ssh"}),
            "a block stays as it was": put(f"{_BLOCK}.lifecycle", to={"ignore_changes": "all"}),
            "a policy stays as it was": put(
                "aws_iam_policy.identity_ec2_s3_policy.lifecycle", to={"ignore_changes": ["policy"]}
            ),
            "a fleet's template stays as it was": put(
                "aws_autoscaling_group.backend_fleet_asg.lifecycle",
                to={"ignore_changes": ["desired_capacity", "launch_template"]},
            ),
            "a secret is made anew with the VPC": put(
                "aws_ssm_parameter.parameters_jwt_jwt_secret.lifecycle",
                to={"prevent_destroy": True, "replace_triggered_by": ["aws_vpc.network_vpc"]},
            ),
            "a lifecycle has a word that nobody knows": put(
                "aws_kms_key.encryption_key.lifecycle", to={"prevent_destroy": True, "destroy": False}
            ),
            "protection is a word": put("aws_kms_key.encryption_key.lifecycle", to={"prevent_destroy": "false"}),
        },
    ),
    *faults(
        "stack.arguments",
        {
            "a plan runs a program": _data(external={"program": ["sh", "-c", "curl example.com"]}),
            "a plan asks somebody else": _data(http={"url": "https://example.com"}),
            "a program runs beside AWS": add("null_resource", triggers={"always": "1"}),
        },
    ),
    *faults(
        "stack.backend",
        {
            "the state is not encrypted": _backend(encrypt=False),
            "the state lies in another bucket": _backend(bucket="theirs"),
            "the state is that of dev": _backend(key="wealist/dev.tfstate"),
            "the state is that of the hand-written HCL": _backend(key="prod/network.tfstate"),
            "the state is in another region": _backend(region="us-east-1"),
            "the state is asked of somebody else": _backend(endpoints={"s3": "https://example.com"}),
            "nobody locks the state": _no_lock,
            "the state lies on this machine": _terraform(backend={"local": {}}),
            "the state is in a cloud": _terraform(cloud={"organization": "theirs"}),
            "any Terraform will do": lambda document: document["terraform"].pop("required_version"),
            "an old Terraform will do": _terraform(required_version=">= 1.0"),
        },
    ),
    *faults(
        "stack.provider",
        {
            "any account will do": _any_account,
            "another account will do, too": _provider(allowed_account_ids=["290008131187", "111111111111"]),
            "a provider becomes somebody else": _provider(assume_role=[{"role_arn": _STRANGER}]),
            "a provider asks somebody else": _provider(endpoints=[{"sts": "https://example.com"}]),
            "a provider is in another region": _provider(region="eu-west-1"),
            "CloudFront's certificate is in another region": _provider(1, region="eu-west-1"),
            "a second provider of AWS": lambda document: document["provider"]["aws"].append({"alias": "theirs"}),
            "a provider of something else": lambda document: document["provider"].update(http=[{}]),
            "the provider is a stranger's": _terraform(
                required_providers={"aws": {"source": "theirs/aws", "version": "5.100.0"}}
            ),
            "another provider is required": _terraform(
                required_providers={
                    "aws": {"source": "aws", "version": "5.100.0"},
                    "null": {"source": "null", "version": "3.2.4"},
                }
            ),
            "any version of the provider": _terraform(required_providers={"aws": {"source": "aws", "version": ">= 5"}}),
        },
    ),
    *faults(
        "stack.section",
        {
            "what is there already is taken over": _top(**{"import": [{"to": "aws_s3_bucket.x", "id": "theirs"}]}),
            "values come from the command line": _top(variable={"office": {"default": "0.0.0.0/0"}}),
            "values are computed": _top(locals={"office": "0.0.0.0/0"}),
            "a check asks somebody else": _check(data={"http": {"mistake": {"url": "https://example.com"}}}),
        },
    ),
    *faults(
        "stack.backend",
        {
            "the bucket of the states has another name": _state_module(bucket_name="wealist-states"),
            "the bucket of the states is not made": _state_module(source="./modules/instance_bootstrap"),
        },
        "bootstrap",
    ),
    *faults(
        "stack.module",
        {
            "a module lies nowhere": _call(source="./modules/elsewhere"),
            "a module is another's": _call(source="git::https://example.com/module.git"),
            "a module is of a registry": _call(source="theirs/bootstrap/aws"),
            "a module lies outside the project": _call(source="./modules/../../bootstrap"),
        },
    ),
    *faults(
        "stack.check",
        {
            "nobody compares the rules": lambda document: document.pop("check"),
            "the rules are always right": _asserted(condition="${true}"),
            "more rules than one are right": _asserted(edit=("< 1)", "< 9)")),
            "the rules are those of no group": _asserted(edit=(".ids, [", ".ids.*.x, [")),
            "a rule by hand is expected": _asserted(
                edit=(
                    "aws_vpc_security_group_ingress_rule.firewall_ec2_to_rds_5432_ingress.id",
                    '"sgr-0123456789abcdef0"',
                )
            ),
            "a rule of the code is not expected": _asserted(
                edit=(", aws_vpc_security_group_ingress_rule.firewall_ec2_to_rds_5432_ingress.id", "")
            ),
            "the rules of one group are not read": lambda document: _filter(document)["values"].pop(),
            "the rules of some groups are read twice": lambda document: _filter(document)["values"].__setitem__(
                0, "${aws_security_group.firewall_ec2_sg.id}"
            ),
            "the rules are read by tags": lambda document: _filter(document).update(name="tag:Name"),
            "the rules are those with a tag, too": lambda document: _rules(document).update(tags={"Checked": "yes"}),
            "a group stands beside those that are read": add("aws_security_group", name="wealist-prod-mistake-sg"),
        },
    ),
    *faults(
        "stack.moved",
        {
            "the instances' group becomes a role": _moved(
                "aws_security_group.old_sg", "aws_iam_role.identity_ec2_role"
            ),
            "a group becomes one that is not there": _moved("aws_security_group.old_sg", "aws_security_group.new_sg"),
            "a group that stays becomes another": _moved(
                "aws_security_group.firewall_rds_sg", "aws_security_group.firewall_ec2_sg"
            ),
            "two groups become one": _moved(
                "aws_security_group.old_sg",
                "aws_security_group.firewall_ec2_sg",
                ("aws_security_group.older_sg", "aws_security_group.firewall_ec2_sg"),
            ),
            "the database's group becomes the instances'": both(
                lambda document: document["resource"]["aws_security_group"].update(
                    firewall_new_sg=document["resource"]["aws_security_group"].pop("firewall_ec2_sg")
                ),
                drop("aws_security_group", "firewall_rds_sg"),
                _moved("aws_security_group.firewall_rds_sg", "aws_security_group.firewall_new_sg"),
            ),
        },
    ),
    *faults(
        "stack.json",
        {
            "a policy has two effects": _twice('"Effect": "Allow"', '"Effect": "Allow", "Effect": "Deny"'),
            "a policy has two lists of statements": _twice('"Statement": ', '"Statement": [], "Statement": '),
        },
    ),
    *faults(
        "stack.removed",
        {
            "the key is destroyed by a block": _removed(lifecycle={"destroy": True}),
            "the key is destroyed by a block that says nothing": _removed(),
            "a program runs when the key is forgotten": _removed(
                lifecycle={"destroy": False}, provisioner=[{"local-exec": {"command": "curl example.com"}}]
            ),
        },
    ),
]
