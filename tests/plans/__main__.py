"""`python -m tests.plans`: makes every plan again, with the real Terraform against an embedded AWS (some minutes).

`python -m tests.plans comments` only writes what the review makes of the plans that are there, which takes a second.

an AWS that holds what `bootstrap` and `account` make ─┬─ prod from nothing
                                                       └─ dev applied ─┬─ planned again, changed, edited, destroyed
                                                                       └─ changed, and opened by hand
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
"""Nothing changed in AWS since the apply, and every plan then says the same of it."""


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
            life = EmulatedStacks(aws.environment(), stacks=stacks, base=base / "work")
            keep("prod-from-nothing", life, "prod")
            life.apply("dev")
            keep("dev-after-apply", life, "dev")
            # What AWS adds to what was applied is taken into the state, so that the other plans do not hold it.
            life.terraform("dev").run("apply", "-refresh-only", "-auto-approve", capture=True)
            keep("dev-no-changes", life, "dev")
            for name, other in devs.items():
                life.synthesized_as("dev", other)
                keep(f"dev-{name}", life, "dev", UNREFRESHED)
            life.synthesized_as("dev", stacks / "dev")
            keep("dev-destroyed", life, "dev", "-destroy")
            change_by_hand(life)
            keep("dev-drift", life, "dev")
            life.apply("dev")
            open_by_hand(life)
            keep("dev-opened-by-hand", life, "dev")


def synthesize(base: Path) -> tuple[Path, dict[str, Path]]:
    """The folder of every stack, and dev's folder for each plan of it: all made at once, from the same code."""
    project.synthesize(base / "synthesized")
    stacks = base / "synthesized" / "stacks"
    (dev,) = load(["dev"])
    devs = {}
    for name, changed in values(dev).items():
        project.synthesize_variant(dev.model_copy(update=changed).model_dump_json(), base / name)
        devs[name] = project.stack_folder("dev", base / name)
    return stacks, devs | {name: edited(stacks / "dev", edit, base / name) for name, edit in EDITS.items()}


def keep(name: str, life: EmulatedStacks, stack: str, *options: str) -> None:
    with step(f"plan {name}"):
        write(name, reduced(life.plan(stack, *options)))


def change_by_hand(life: EmulatedStacks) -> None:
    """Somebody opens Redis to the world in AWS's console, and takes a tag away."""
    attributes = attributes_of(life)
    ec2 = life.client("ec2")
    opened = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "CidrIpv4": "0.0.0.0/0"}
    ec2.modify_security_group_rules(
        GroupId=attributes[REDIS_RULE]["security_group_id"],
        SecurityGroupRules=[{"SecurityGroupRuleId": attributes[REDIS_RULE]["id"], "SecurityGroupRule": opened}],
    )
    ec2.delete_tags(Resources=[attributes["network_vpc"]["id"]], Tags=[{"Key": "ManagedBy"}])


def open_by_hand(life: EmulatedStacks) -> None:
    """Somebody adds a rule and a policy that no resource holds, and opens a bucket and the database."""
    attributes = attributes_of(life)
    anyone = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    group = attributes["firewall_redis_sg"]["id"]
    life.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[anyone])
    role, everything = attributes["identity_ec2_role"]["name"], "arn:aws:iam::aws:policy/AdministratorAccess"
    life.client("iam").attach_role_policy(RoleName=role, PolicyArn=everything)
    flags = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    life.client("s3").put_public_access_block(
        Bucket=attributes["frontend_site_bucket"]["id"],
        PublicAccessBlockConfiguration=dict.fromkeys(flags, False),
    )
    life.client("rds").modify_db_instance(
        DBInstanceIdentifier=attributes["database_instance"]["identifier"], PubliclyAccessible=True
    )


def attributes_of(life: EmulatedStacks) -> dict[str, dict[str, Any]]:
    """Name of each of dev's resources → its attributes."""
    resources: list[dict[str, Any]] = life.terraform("dev").state()["resources"]
    return {
        resource["name"]: resource["instances"][0]["attributes"]
        for resource in resources
        if resource["mode"] == "managed"
    }


if __name__ == "__main__":
    main()
