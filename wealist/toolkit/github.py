"""Trust in GitHub Actions by OpenID Connect.

https://docs.github.com/en/actions/reference/security/oidc
"""

from collections.abc import Mapping, Sequence

from wealist.spec.account import OIDC_AUDIENCE, OIDC_HOST
from wealist.toolkit.policy import Statement, document


def github_trust(provider_arn: str, *, subjects: Sequence[str], claims: Mapping[str, Sequence[str]]) -> str:
    """The trust policy of a role for workflows whose token is meant for AWS and names one of some subjects.

    Args:
        provider_arn: of the account's OIDC provider.
        subjects: patterns of the claim `sub`, with `*` and `?`: `repo:OWNER/REPO:ref:refs/heads/main`, or in the
            immutable form of repositories made since 2026-07-15, `repo:OWNER@ID/REPO@ID:ref:…`. A job in a GitHub
            environment has `…:environment:NAME` in the place of its ref.
        claims: what the token must claim beside `sub` and `aud`: claim → the values of which it has one, exactly.
            A repository can word its `sub` as it likes, but no other claim. AWS reads `ref`, `environment`,
            `repository` and a few more:
            https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    exactly = {f"{OIDC_HOST}:aud": OIDC_AUDIENCE} | {
        f"{OIDC_HOST}:{claim}": values[0] if len(values) == 1 else list(values) for claim, values in claims.items()
    }
    return document(
        Statement(
            sid="GitHubActions",
            why="workflows show by a token who they are",
            principals={"Federated": provider_arn},
            actions=["sts:AssumeRoleWithWebIdentity"],
            conditions={
                "StringEquals": exactly,
                "StringLike": {f"{OIDC_HOST}:sub": subjects},
            },
        )
    )
