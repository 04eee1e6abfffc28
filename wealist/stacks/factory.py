"""The base of every stack: its backend, its account, and the tags of its resources."""

from cdktf import S3Backend
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from constructs import Construct

from wealist.spec.account import ACCOUNT_ID, REGION, STATE_BUCKET, TERRAFORM_VERSION, default_tags, state_key
from wealist.toolkit.stack import ReadableStack


class WealistStack(ReadableStack):
    """A stack with its state in S3, and a provider that rejects any other account.

    Args:
        name: Name of the stack, of its folder in the output, and of its state.
        environment: Value of the tag `Environment`.
    """

    def __init__(self, scope: Construct, name: str, *, environment: str) -> None:
        super().__init__(scope, name)
        self._environment = environment
        self.add_override("terraform.required_version", TERRAFORM_VERSION)
        backend = S3Backend(self, bucket=STATE_BUCKET, key=state_key(name), region=REGION, encrypt=True)
        # The binding has no argument for it: https://developer.hashicorp.com/terraform/language/backend/s3#use_lockfile
        backend.add_override("use_lockfile", value=True)
        self.provider("aws", region=REGION)

    def provider(self, id_: str, *, region: str, alias: str | None = None) -> AwsProvider:
        """Add a provider for a region. A second provider of a stack needs an alias."""
        return AwsProvider(
            self,
            id_,
            region=region,
            alias=alias,
            # The provider rejects credentials of another account before any request.
            allowed_account_ids=[ACCOUNT_ID],
            default_tags=[AwsProviderDefaultTags(tags=default_tags(self._environment))],
        )
