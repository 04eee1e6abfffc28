"""Trust in GitHub Actions by OpenID Connect.

https://docs.github.com/en/actions/reference/security/oidc
"""

from collections.abc import Sequence

from wealist.spec.account import OIDC_AUDIENCE, OIDC_HOST
from wealist.toolkit.policy import Statement, document


def github_trust(provider_arn: str, *, subjects: Sequence[str], branch: str | None = None) -> str:
    """The trust policy of a role for workflows whose token is meant for AWS and names one of some subjects.

    Args:
        provider_arn: of the account's OIDC provider.
        subjects: patterns of the claim `sub`, with `*` and `?`: `repo:OWNER/REPO:ref:refs/heads/main`, or in the
            immutable form of repositories made since 2026-07-15, `repo:OWNER@ID/REPO@ID:ref:…`.
        branch: the only branch whose workflows are trusted, for subjects that do not name one, such as
            `…:environment:prod`. AWS reads the claim `ref` beside `sub` and `aud`:
            https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    exactly = {f"{OIDC_HOST}:aud": OIDC_AUDIENCE} | ({f"{OIDC_HOST}:ref": f"refs/heads/{branch}"} if branch else {})
    return document(
        Statement(
            sid="GitHubActions",
            principals={"Federated": provider_arn},
            actions=["sts:AssumeRoleWithWebIdentity"],
            conditions={
                "StringEquals": exactly,
                "StringLike": {f"{OIDC_HOST}:sub": subjects},
            },
        )
    )
