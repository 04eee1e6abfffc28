"""What exists once per AWS account: its baseline, the hosted zone, GitHub's identity provider, the pipeline's roles."""

from collections.abc import Collection, Sequence

from cdktf import TerraformOutput, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.route53_zone import Route53Zone
from constructs import Construct

from wealist.constructs.baseline import Baseline
from wealist.constructs.boundary import Boundary
from wealist.constructs.pipeline import Pipeline
from wealist.spec.account import CDN_CERTIFICATE_REGION, DOMAIN, OIDC_AUDIENCE, OIDC_URL, PLANS_BUCKET
from wealist.spec.baseline import Baseline as Settings
from wealist.stacks.environment import EnvironmentStack
from wealist.stacks.factory import WealistStack


class AccountStack(WealistStack):
    """The account's shared parts. Environments find them by data source."""

    def __init__(
        self,
        scope: Construct,
        *,
        baseline: Settings,
        environments: Sequence[EnvironmentStack],
        removed: Collection[str],
    ) -> None:
        """Makes the stack.

        Args:
            scope: the app.
            baseline: what the account is held to.
            environments: the stacks of all of them, and every other stack of the app is there, too.
            removed: types of what has left the code, and that the next apply destroys.
        """
        super().__init__(scope, "account", environment="account")
        elsewhere = CDN_CERTIFICATE_REGION in baseline.guard_duty_regions
        cdn = self.provider("cdn", region=CDN_CERTIFICATE_REGION, alias="cdn") if elsewhere else None
        held = Baseline(self, "baseline", config=baseline, cdn_provider=cdn)
        zone = Route53Zone(
            self,
            "zone",
            name=DOMAIN,
            comment="Site, API and certificate validation of every environment",
            # A new zone has new name servers, and the registrar knows only the old ones.
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True),
            tags={"Name": DOMAIN},
        )
        # AWS trusts GitHub's certificate by its own library of authorities, so no thumbprint is given:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
        github = IamOpenidConnectProvider(
            self,
            "github",
            url=OIDC_URL,
            client_id_list=[OIDC_AUDIENCE],
            # Without it no workflow of any repository reaches AWS, and no pipeline could put it back.
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
        if held.bucket_logs:
            held.bucket_logs.keep("plans", name=PLANS_BUCKET, made=pipeline.plans.bucket)
        TerraformOutput(
            self,
            "name-servers",
            value=zone.name_servers,
            description=f"Give these to the registrar of {DOMAIN}",
        )
