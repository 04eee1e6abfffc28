"""What the account has besides its environments: the settings of the baseline, and their values (ADR 70).

Each setting says what it costs in a month; docs/account.md has the sum.
"""

from typing import Final

from wealist.spec.settings import Settings, collecting_invalid


class Budget(Settings):
    """What the account may cost in a month. Free: the first two budgets of an account cost nothing.

    Attributes:
        monthly_usd: In US dollars. A forecast above it is told, too.
        emails: Addresses that are told, ten at most.
    """

    monthly_usd: int
    emails: tuple[str, ...]


class SecurityContact(Settings):
    """Whom AWS writes to and calls about the account's security. Free.

    Attributes:
        name: A person's or a team's.
        title: What they are.
        email: Their address.
        phone: Their number, with the country's code: "+82 2 1234 5678".
    """

    name: str
    title: str
    email: str
    phone: str


class Baseline(Settings):
    """What the account is held to, and who watches it.

    Attributes:
        encrypt_volumes: New EBS volumes and snapshots are encrypted, whoever makes them. Free.
        block_public_buckets: No bucket of the account can be made public. Free.
        require_imdsv2: New instances take version 2 of the metadata service alone, unless they say otherwise. Free.
        block_public_snapshots: No EBS snapshot can be given to everybody. Free.
        block_public_images: No AMI can be given to everybody. Free.
        close_serial_console: No instance can be entered by EC2's serial console. Free.
        strong_passwords: IAM users need long passwords that they have not used before. Free.
        find_external_access: IAM Access Analyzer lists what other accounts can use. Free.
        empty_default_network: The security group and the network ACL of the region's default VPC let nothing through;
            a region without one gets none. Free.
        trail_days: How long CloudTrail's record of every call is kept, in days, during which nobody can delete it; None
            keeps no record. 1.00 USD for its key, 0.023 USD for each GB, and 0.10 USD for 100,000 reads and writes of
            states and plans; the first copy of all other calls is free.
        access_log_days: How long it is kept who asked for which object of the buckets of states, plans and records, in
            days; None keeps nothing. 0.023 USD for each GB: cents.
        budget: None tells nobody what the account costs.
        security_contact: None leaves it to the address of the account's owner.
        guard_duty_regions: Regions in which GuardDuty looks for threats, from CloudTrail, flow logs and DNS. About
            4.60 USD for a million calls and 1.15 USD for each GB of flow logs: about 10 to 30 USD.
        security_hub: Judges the account by AWS's Foundational Security Best Practices. 0.0010 USD for a check: about 10
            USD. It needs `config`.
        config: AWS Config records how resources change. 0.003 USD for each change: about 5 to 15 USD.
        scan_images_continuously: Amazon Inspector searches images for new vulnerabilities, and not only when they are
            pushed. 0.09 USD for each image, and 0.01 USD for each time that it is searched again.
    """

    encrypt_volumes: bool = True
    block_public_buckets: bool = True
    require_imdsv2: bool = True
    block_public_snapshots: bool = True
    block_public_images: bool = True
    close_serial_console: bool = True
    strong_passwords: bool = True
    find_external_access: bool = True
    empty_default_network: bool = True
    trail_days: int | None = 365
    access_log_days: int | None = 365
    budget: Budget | None = None
    security_contact: SecurityContact | None = None
    guard_duty_regions: tuple[str, ...] = ()
    security_hub: bool = False
    config: bool = False
    scan_images_continuously: bool = False


with collecting_invalid() as INVALID:
    BASELINE: Final = Baseline(
        # Nobody reads it before it exists: the architecture document names no address (ADR 70).
        budget=Budget(monthly_usd=400, emails=("operators@wealist.co.kr",)),
        # AWS asks for a phone number, which only the operators know: docs/account.md.
        security_contact=None,
    )
