# Needs no AWS account: the provider's schema is real, its answers are made up.
mock_provider "aws" {}

variables {
  bucket_name = "wealist-tfstate-bucket"
}

run "the_newest_versions_are_kept" {
  command = plan

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "The bucket is not versioned."
  }

  assert {
    condition = one([
      for rule in aws_s3_bucket_lifecycle_configuration.state.rule : rule.noncurrent_version_expiration[0]
      if rule.id == "expire-replaced-versions" && rule.status == "Enabled"
    ]) == { noncurrent_days = 90, newer_noncurrent_versions = 10 }
    error_message = "Replaced versions must expire after 90 days, but for the newest 10."
  }
}

run "unfinished_uploads_are_aborted_after_a_week" {
  command = plan

  assert {
    condition = one([
      for rule in aws_s3_bucket_lifecycle_configuration.state.rule :
      rule.abort_incomplete_multipart_upload[0].days_after_initiation
      if rule.id == "abort-unfinished-uploads" && rule.status == "Enabled"
    ]) == 7
    error_message = "Unfinished uploads must be aborted after 7 days."
  }
}

run "plain_http_is_refused" {
  command = plan

  assert {
    condition = jsondecode(aws_s3_bucket_policy.state.policy).Statement == [{
      Sid       = "DenyPlainHttp"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::wealist-tfstate-bucket", "arn:aws:s3:::wealist-tfstate-bucket/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
    error_message = "The policy must refuse requests without TLS, on the bucket and on its objects."
  }
}

run "nobody_outside_can_read" {
  command = plan

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.state.block_public_acls,
      aws_s3_bucket_public_access_block.state.block_public_policy,
      aws_s3_bucket_public_access_block.state.ignore_public_acls,
      aws_s3_bucket_public_access_block.state.restrict_public_buckets,
    ])
    error_message = "All four public access blocks must be on."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.state.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "ACLs must be off."
  }

  assert {
    condition = [
      for rule in aws_s3_bucket_server_side_encryption_configuration.state.rule :
      rule.apply_server_side_encryption_by_default[0].sse_algorithm
    ] == ["AES256"]
    error_message = "The bucket must encrypt what it stores."
  }
}

run "the_outputs_name_the_bucket" {
  command = plan

  assert {
    condition     = output.bucket_name == var.bucket_name
    error_message = "bucket_name must be the bucket's name."
  }
}

run "a_name_with_capitals_is_refused" {
  command = plan
  variables {
    bucket_name = "Wealist-State"
  }
  expect_failures = [var.bucket_name]
}

run "a_name_with_dots_is_refused" {
  command = plan
  variables {
    bucket_name = "wealist.tfstate"
  }
  expect_failures = [var.bucket_name]
}

run "a_name_of_64_characters_is_refused" {
  command = plan
  variables {
    bucket_name = "w234567890123456789012345678901234567890123456789012345678901234"
  }
  expect_failures = [var.bucket_name]
}

run "a_reserved_prefix_is_refused" {
  command = plan
  variables {
    bucket_name = "sthree-wealist"
  }
  expect_failures = [var.bucket_name]
}

run "a_reserved_suffix_is_refused" {
  command = plan
  variables {
    bucket_name = "wealist-s3alias"
  }
  expect_failures = [var.bucket_name]
}

run "keeping_no_version_is_refused" {
  command = plan
  variables {
    noncurrent_versions_to_keep = 0
  }
  expect_failures = [var.noncurrent_versions_to_keep]
}

run "half_a_day_is_refused" {
  command = plan
  variables {
    noncurrent_version_retention_days = 0.5
  }
  expect_failures = [var.noncurrent_version_retention_days]
}
