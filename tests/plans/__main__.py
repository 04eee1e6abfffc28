"""`python -m tests.plans`: record every plan with Terraform and the embedded AWS, which takes some minutes.

`python -m tests.plans comments` only writes the comments on the recorded plans, which takes a second.

embedded AWS with `bootstrap` and `account` ─┬─ plan prod
                                             └─ apply dev ─┬─ plan it again, changed, edited, destroyed
                                                           └─ plan it after changes outside of Terraform
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.plans import comment, comment_file, names, write
from tests.plans.changed import EDITS, REDIS_RULE, edited, values
from tests.plans.reduced import reduced
from wealist import project
from wealist.emulator.server import EmulatedAws
from wealist.operations.emulated_stacks import EmulatedStacks
from wealist.progress import step
from wealist.spec.environments import load

UNREFRESHED = "-refresh=false"
"""Option that skips the refresh: AWS has not changed since the apply, and the plans stay smaller."""


def main() -> None:
    if sys.argv[1:] != ["comments"]:
        make()
    for name in names():
        comment_file(name).write_text(comment(name), encoding="utf-8")


def make() -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        with step("synthesize everything"):
            stacks, devs = synthesize(base)
        with EmulatedAws(log=base / "aws.log") as aws:
            emulated = EmulatedStacks(aws.environment(), stacks=stacks, base=base / "work")
            keep("prod-from-nothing", emulated, "prod")
            emulated.apply("dev")
            keep("dev-after-apply", emulated, "dev")
            # Write the values that AWS computed into the state, so that the other plans do not contain them.
            emulated.terraform("dev").run("apply", "-refresh-only", "-auto-approve", capture=True)
            keep("dev-no-changes", emulated, "dev")
            for name, other in devs.items():
                emulated.synthesized_as("dev", other)
                keep(f"dev-{name}", emulated, "dev", UNREFRESHED)
            emulated.synthesized_as("dev", stacks / "dev")
            keep("dev-destroyed", emulated, "dev", "-destroy")
            change_by_hand(emulated)
            keep("dev-drift", emulated, "dev")
            emulated.apply("dev")
            open_by_hand(emulated)
            keep("dev-opened-by-hand", emulated, "dev")


def synthesize(base: Path) -> tuple[Path, dict[str, Path]]:
    """Synthesize all stacks. Return their folder, and plan name → folder of the changed dev stack."""
    project.synthesize(base / "synthesized")
    stacks = base / "synthesized" / "stacks"
    (dev,) = load(["dev"])
    devs = {}
    for name, changed in values(dev).items():
        project.synthesize_variants([dev.model_copy(update=changed).model_dump_json()], [base / name])
        devs[name] = project.stack_folder("dev", base / name)
    return stacks, devs | {name: edited(stacks / "dev", edit, base / name) for name, edit in EDITS.items()}


def keep(name: str, emulated: EmulatedStacks, stack: str, *options: str) -> None:
    with step(f"plan {name}"):
        write(name, reduced(emulated.plan(stack, *options)))


def change_by_hand(emulated: EmulatedStacks) -> None:
    """Open Redis to the internet and remove a tag, outside of Terraform."""
    attributes = attributes_of(emulated)
    ec2 = emulated.client("ec2")
    opened = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "CidrIpv4": "0.0.0.0/0"}
    ec2.modify_security_group_rules(
        GroupId=attributes[REDIS_RULE]["security_group_id"],
        SecurityGroupRules=[{"SecurityGroupRuleId": attributes[REDIS_RULE]["id"], "SecurityGroupRule": opened}],
    )
    ec2.delete_tags(Resources=[attributes["network_vpc"]["id"]], Tags=[{"Key": "ManagedBy"}])


def open_by_hand(emulated: EmulatedStacks) -> None:
    """Add a rule and a policy attachment that no resource manages, and make a bucket and the database public."""
    attributes = attributes_of(emulated)
    anyone = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    group = attributes["firewall_redis_sg"]["id"]
    emulated.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[anyone])
    role, everything = attributes["identity_ec2_role"]["name"], "arn:aws:iam::aws:policy/AdministratorAccess"
    emulated.client("iam").attach_role_policy(RoleName=role, PolicyArn=everything)
    flags = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    emulated.client("s3").put_public_access_block(
        Bucket=attributes["frontend_site_bucket"]["id"],
        PublicAccessBlockConfiguration=dict.fromkeys(flags, False),
    )
    emulated.client("rds").modify_db_instance(
        DBInstanceIdentifier=attributes["database_instance"]["identifier"], PubliclyAccessible=True
    )


def attributes_of(emulated: EmulatedStacks) -> dict[str, dict[str, Any]]:
    """Return name → attributes of the resources of dev."""
    resources: list[dict[str, Any]] = emulated.terraform("dev").state()["resources"]
    return {
        resource["name"]: resource["instances"][0]["attributes"]
        for resource in resources
        if resource["mode"] == "managed"
    }


if __name__ == "__main__":
    main()
