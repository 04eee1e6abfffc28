"""Settings of the account's baseline, and their values (ADR 70).

Each setting names its monthly cost; docs/account.md has the sum.
"""

from typing import Final

from wealist.spec.settings import Settings, collecting_invalid


class Budget(Settings):
    """Limit of the account's monthly cost. Free: the first two budgets of an account cost nothing.

    Attributes:
        monthly_usd: Limit in US dollars. AWS also reports a forecast above it.
        emails: Addresses that get the reports, ten at most.
    """

    monthly_usd: int
    emails: tuple[str, ...]


class SecurityContact(Settings):
    """The account's contact for security questions of AWS. Free.

    Attributes:
        name: Name of a person or team.
        title: Their role.
        email: Their address.
        phone: Their number, with the country code: "+82 2 1234 5678".
    """

    name: str
    title: str
    email: str
    phone: str


class Baseline(Settings):
    """Defaults, records and detectors of the account.

    Attributes:
        encrypt_volumes: Encrypts new EBS volumes and snapshots. Free.
        block_public_buckets: Prevents public buckets. Free.
        require_imdsv2: Requires version 2 of the metadata service on new instances, unless they set another. Free.
        block_public_snapshots: Prevents public EBS snapshots. Free.
        block_public_images: Prevents public AMIs. Free.
        close_serial_console: Turns off EC2's serial console. Free.
        strong_passwords: Requires long passwords of IAM users, which they have not used before. Free.
        find_external_access: Lets IAM Access Analyzer list resources that other accounts can use. Free.
        empty_default_network: Removes the rules of the security group and network ACL of the region's default VPC, if
            it has one. Free.
        trail_days: Days that CloudTrail's record of every call is kept and cannot be deleted; None keeps no record.
            1.00 USD for its key, 0.023 USD for each GB, and 0.10 USD for 100,000 reads and writes of states and plans;
            the first copy of all other calls is free.
        access_log_days: Days that access logs of the buckets of states, plans and records are kept; None turns them
            off. 0.023 USD for each GB: cents.
        budget: None reports no cost of the account.
        security_contact: None leaves the account owner's address as the contact.
        guard_duty_regions: Regions in which GuardDuty detects threats, from CloudTrail, flow logs and DNS. About 4.60
            USD for a million calls and 1.15 USD for each GB of flow logs: about 10 to 30 USD.
        security_hub: Checks the account against AWS's Foundational Security Best Practices. 0.0010 USD for a check:
            about 10 USD. Needs `config`.
        config: Lets AWS Config record changes of resources. 0.003 USD for each change: about 5 to 15 USD.
        scan_images_continuously: Lets Amazon Inspector scan images for new vulnerabilities, not only at their push.
            0.09 USD for each image, and 0.01 USD for each further scan.
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
        # The mailbox must be created: the architecture document names no address (ADR 70).
        budget=Budget(monthly_usd=400, emails=("operators@wealist.co.kr",)),
        # AWS requires a phone number, which the operators must add: docs/account.md.
        security_contact=None,
    )
