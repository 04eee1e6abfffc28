"""Names and constants of the AWS account, which all environments share."""

from typing import Final

ACCOUNT_ID: Final = "290008131187"
"""The only account that providers accept (`allowed_account_ids`)."""

REGION: Final = "ap-northeast-2"
CDN_CERTIFICATE_REGION: Final = "us-east-1"
"""The only region from which CloudFront reads certificates.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
"""

PROJECT: Final = "wealist"
DOMAIN: Final = "wealist.co.kr"
GITHUB_ORGANISATION: Final = "OrangesCloud"
OIDC_HOST: Final = "token.actions.githubusercontent.com"
OIDC_URL: Final = f"https://{OIDC_HOST}"
OIDC_AUDIENCE: Final = "sts.amazonaws.com"
"""GitHub's identity provider, and the audience of its tokens.

https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
"""
STATE_BUCKET: Final = "wealist-tfstate-bucket"
"""The S3 bucket of every stack's state, created by the `bootstrap` stack."""
STATE_LOCK_SUFFIX: Final = ".tflock"
"""Suffix of a state's key for the lock file of the S3 backend.

https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required
"""
TERRAFORM_VERSION: Final = ">= 1.11"
"""Required by write-only arguments and the lock file of the S3 backend.

https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only
"""
PLANS_BUCKET: Final = f"{PROJECT}-terraform-plans"
"""The S3 bucket of plans between review and apply, created by the `account` stack."""
TRAIL: Final = f"{PROJECT}-trail"
TRAIL_BUCKET: Final = f"{PROJECT}-cloudtrail-{ACCOUNT_ID}"
"""The record of every call in the account, and its S3 bucket, created by the `account` stack."""
ACCOUNT_LOGS_BUCKET: Final = f"{PROJECT}-access-logs-{ACCOUNT_ID}"
"""The S3 bucket of access logs of the buckets of states, plans and records, created by the `account` stack."""
CONFIG_BUCKET: Final = f"{PROJECT}-config-{ACCOUNT_ID}"
"""The S3 bucket of AWS Config's records, created by the `account` stack if the baseline turns Config on."""
PLAN_ENVIRONMENT: Final = "plan-"
"""Prefix of the GitHub environments that plan pull requests, one for each stack."""
INFRASTRUCTURE_REPOSITORY: Final = "wealist-infrastructure"
"""The repository of this project in `GITHUB_ORGANISATION`."""
MAIN_BRANCH: Final = "main"
"""The branch whose plans are applied."""
STATE_STACK: Final = "bootstrap"
"""The stack that creates `STATE_BUCKET`."""
SHARED_STACKS: Final = (STATE_STACK, "account")
"""Stacks that every environment needs, in the order of their applies."""
PIPELINE_WORD: Final = "terraform"
PIPELINE: Final = f"{PROJECT}-{PIPELINE_WORD}"
"""Prefix of the names of the pipeline's roles and policies."""


def pipeline_role(what: str) -> str:
    """Return the name of a role of the pipeline: `apply`, or `plan-<stack>`."""
    return f"{PIPELINE}-{what}-role"


BOUNDARY_NAME: Final = f"{PIPELINE}-boundary"
BOUNDARY_ARN: Final = f"arn:aws:iam::{ACCOUNT_ID}:policy/{BOUNDARY_NAME}"
"""The permissions boundary of every role of an environment, created by the `account` stack."""


def state_key(stack: str) -> str:
    """Return the key of a stack's state in `STATE_BUCKET`.

    The system's former, hand-written HCL keeps its states in the same bucket (`prod/network.tfstate`). A plan on such a
    state would destroy its resources, so keys of this project have their own prefix.
    """
    return f"{PROJECT}/{stack}.tfstate"


def default_tags(environment: str) -> dict[str, str]:
    """Return the tags of every resource of an environment, or of the account's stacks (`account`)."""
    return {"Project": PROJECT, "Environment": environment, "ManagedBy": "terraform"}
