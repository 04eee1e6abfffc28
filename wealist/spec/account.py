"""What exists once per AWS account, whatever the environments in it."""

from typing import Final

ACCOUNT_ID: Final = "290008131187"
"""The only account that any provider may talk to (`allowed_account_ids`)."""

REGION: Final = "ap-northeast-2"
CDN_CERTIFICATE_REGION: Final = "us-east-1"
"""CloudFront reads its certificate from this region alone.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
"""

PROJECT: Final = "wealist"
DOMAIN: Final = "wealist.co.kr"
GITHUB_ORGANISATION: Final = "OrangesCloud"
OIDC_HOST: Final = "token.actions.githubusercontent.com"
OIDC_URL: Final = f"https://{OIDC_HOST}"
OIDC_AUDIENCE: Final = "sts.amazonaws.com"
"""GitHub's identity provider, and whom its tokens must be meant for.

https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
"""
STATE_BUCKET: Final = "wealist-tfstate-bucket"
"""The S3 bucket of every stack's state, made by the `bootstrap` stack."""
STATE_LOCK_SUFFIX: Final = ".tflock"
"""What the S3 backend appends to a state's key for its lock.

https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required
"""
TERRAFORM_VERSION: Final = ">= 1.11"
"""What every stack requires: write-only arguments, and the S3 backend's own lock.

https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only
"""
PLANS_BUCKET: Final = f"{PROJECT}-terraform-plans"
"""The S3 bucket of the plans that were reviewed and wait to be applied, made by the `account` stack."""
TRAIL: Final = f"{PROJECT}-trail"
TRAIL_BUCKET: Final = f"{PROJECT}-cloudtrail-{ACCOUNT_ID}"
"""The record of every call in the account, and the S3 bucket that it is kept in, made by the `account` stack."""
ACCOUNT_LOGS_BUCKET: Final = f"{PROJECT}-access-logs-{ACCOUNT_ID}"
"""The S3 bucket of the access logs of the buckets that hold states, plans and records, made by the `account` stack."""
CONFIG_BUCKET: Final = f"{PROJECT}-config-{ACCOUNT_ID}"
"""The S3 bucket of AWS Config's records, made by the `account` stack where the baseline asks for it."""
PLAN_ENVIRONMENT: Final = "plan-"
"""What the names of the GitHub environments begin with in which pull requests are planned, one for each stack."""
INFRASTRUCTURE_REPOSITORY: Final = "wealist-infrastructure"
"""The repository of this project in `GITHUB_ORGANISATION`, whose workflows plan and apply."""
MAIN_BRANCH: Final = "main"
"""The branch that is deployed."""
STATE_STACK: Final = "bootstrap"
"""The stack that makes `STATE_BUCKET`."""
SHARED_STACKS: Final = (STATE_STACK, "account")
"""What every environment rests on, in the order of their applies."""
PIPELINE_WORD: Final = "terraform"
PIPELINE: Final = f"{PROJECT}-{PIPELINE_WORD}"
"""What the names of the roles that plan and apply begin with, and of all that is theirs."""


def pipeline_role(what: str) -> str:
    """The name of a role of the pipeline: of the one that applies (`apply`), or that plans a stack (`plan-dev`)."""
    return f"{PIPELINE}-{what}-role"


BOUNDARY_NAME: Final = f"{PIPELINE}-boundary"
BOUNDARY_ARN: Final = f"arn:aws:iam::{ACCOUNT_ID}:policy/{BOUNDARY_NAME}"
"""The permissions boundary of every role of an environment, made by the `account` stack."""


def state_key(stack: str) -> str:
    """The key of a stack's state in `STATE_BUCKET`.

    The hand-written HCL of this system keeps its states in the same bucket (`prod/network.tfstate`). A plan on one of
    those would destroy what it holds, so that no key of ours may ever be one of theirs.
    """
    return f"{PROJECT}/{stack}.tfstate"


def default_tags(environment: str) -> dict[str, str]:
    """The tags of every resource of an environment, or of the account's own (`account`)."""
    return {"Project": PROJECT, "Environment": environment, "ManagedBy": "terraform"}
