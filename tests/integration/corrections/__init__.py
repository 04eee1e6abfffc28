"""Tests of the corrections of moto. `test_moto_alone_…` fails as soon as a correction is no longer needed."""

from functools import partial

import boto3

from wealist.spec.account import REGION

client = partial(boto3.client, region_name=REGION)
