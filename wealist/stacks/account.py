"""The stacks that every environment needs: `bootstrap`, with the bucket of states, and `account`.

The bucket of states holds the states of all stacks, including that of `bootstrap`. It does not exist before the first
apply, which therefore writes a local state by an override file beside the JSON; `terraform init -migrate-state` moves
the state into the bucket. The README describes the steps.
"""

from collections.abc import Collection, Sequence

from cdktf import TerraformOutput, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.route53_zone import Route53Zone
from constructs import Construct

from wealist.constructs.baseline import Baseline
from wealist.constructs.boundary import Boundary
from wealist.constructs.pipeline import Pipeline
from wealist.spec.account import CDN_CERTIFICATE_REGION, DOMAIN, OIDC_AUDIENCE, OIDC_URL, PLANS_BUCKET, STATE_BUCKET
from wealist.spec.baseline import Baseline as Settings
from wealist.stacks.environment import EnvironmentStack
from wealist.stacks.factory import WealistStack
from wealist.toolkit.hcl_module import HclModule


class BootstrapStack(WealistStack):
    """One call of `modules/state_backend`."""

    def __init__(self, scope: Construct) -> None:
        super().__init__(scope, "bootstrap", environment="account")
        HclModule(self, "state-backend", module="state_backend", variables={"bucket_name": STATE_BUCKET})


class AccountStack(WealistStack):
    """The account's baseline, the hosted zone, GitHub's identity provider and the pipeline's roles.

    Environments look the shared resources up by data source.

    It must be the last stack of the app: the rights of the pipeline follow from all the others.

    Args:
        removed: Types that have left the code, and that the next apply destroys.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        baseline: Settings,
        environments: Sequence[EnvironmentStack],
        removed: Collection[str],
    ) -> None:
        super().__init__(scope, "account", environment="account")
        needs_cdn = CDN_CERTIFICATE_REGION in baseline.guard_duty_regions
        cdn = self.provider("cdn", region=CDN_CERTIFICATE_REGION, alias="cdn") if needs_cdn else None
        account = Baseline(self, "baseline", config=baseline, cdn_provider=cdn)
        zone = Route53Zone(
            self,
            "zone",
            name=DOMAIN,
            comment="Site, API and certificate validation of every environment",
            # A new zone has other name servers than those that the registrar knows.
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
            tags={"Name": DOMAIN},
        )
        # AWS verifies GitHub's certificate by its own list of authorities, so no thumbprint is needed:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
        github = IamOpenidConnectProvider(
            self,
            "github",
            url=OIDC_URL,
            client_id_list=[OIDC_AUDIENCE],
            # Without it, no workflow can assume a role, so the pipeline could not create it again.
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
            tags={"Name": "github-actions"},
        )
        Boundary(self, "boundary", environments=environments)
        pipeline = Pipeline(
            self,
            "pipeline",
            provider=github,
            environments=[each.config for each in environments],
            removed=removed,
        )
        if account.bucket_logs:
            account.bucket_logs.log("plans", name=PLANS_BUCKET, bucket=pipeline.plans.bucket)
        TerraformOutput(
            self,
            "name-servers",
            value=zone.name_servers,
            description=f"Give these to the registrar of {DOMAIN}",
        )
