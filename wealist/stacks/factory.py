"""What every stack shares: where its state lies, which account it may touch, and the tags of all it makes."""

from cdktf import S3Backend
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from constructs import Construct

from wealist.spec.account import ACCOUNT_ID, REGION, STATE_BUCKET, TERRAFORM_VERSION, default_tags, state_key
from wealist.toolkit.stack import ReadableStack


class WealistStack(ReadableStack):
    """A stack with its state in S3 and a provider that refuses any account but ours."""

    def __init__(self, scope: Construct, name: str, *, environment: str) -> None:
        """Makes the backend and the provider.

        Args:
            scope: the app.
            name: of the stack, its folder in the output, its state's name and its first word in `terraform` messages.
            environment: value of the tag `Environment`.
        """
        super().__init__(scope, name)
        self._environment = environment
        self.add_override("terraform.required_version", TERRAFORM_VERSION)
        backend = S3Backend(self, bucket=STATE_BUCKET, key=state_key(name), region=REGION, encrypt=True)
        # The binding does not know it: https://developer.hashicorp.com/terraform/language/backend/s3#use_lockfile
        backend.add_override("use_lockfile", value=True)
        self.provider("aws", region=REGION)

    def provider(self, id_: str, *, region: str, alias: str | None = None) -> AwsProvider:
        """Adds a provider for a region; with an alias where the stack has one already."""
        return AwsProvider(
            self,
            id_,
            region=region,
            alias=alias,
            # A wrong account is refused before anything is read.
            allowed_account_ids=[ACCOUNT_ID],
            default_tags=[AwsProviderDefaultTags(tags=default_tags(self._environment))],
        )
