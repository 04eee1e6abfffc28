# Naming rules: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
variable "bucket_name" {
  description = "Name of the bucket, unique in all of AWS: 3 to 63 lower-case letters, digits and hyphens."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name \"${var.bucket_name}\": use 3 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or a digit. S3 also allows dots, but a name with dots does not match S3's TLS certificate, and this bucket answers over TLS only."
  }

  validation {
    condition     = !can(regex("^(xn--|sthree-|amzn-s3-demo-)", var.bucket_name))
    error_message = "bucket_name \"${var.bucket_name}\": S3 keeps the prefixes xn--, sthree- and amzn-s3-demo- for itself. Choose another beginning."
  }

  validation {
    condition     = !can(regex("(-s3alias|--ol-s3|--x-s3|--table-s3|-an)$", var.bucket_name))
    error_message = "bucket_name \"${var.bucket_name}\": S3 keeps the suffixes -s3alias, --ol-s3, --x-s3, --table-s3 and -an for itself. Choose another ending."
  }
}

variable "noncurrent_version_retention_days" {
  description = "Days for which a replaced version of a state is kept, however many newer ones there are."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.noncurrent_version_retention_days >= 1 && floor(var.noncurrent_version_retention_days) == var.noncurrent_version_retention_days
    error_message = "noncurrent_version_retention_days is ${var.noncurrent_version_retention_days}: give a whole number of days, 1 or more."
  }
}

# The upper bound is S3's: https://docs.aws.amazon.com/AmazonS3/latest/API/API_NoncurrentVersionExpiration.html
variable "noncurrent_versions_to_keep" {
  description = "Newest replaced versions of each state that are kept for good, however old they get."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = contains(range(1, 101), var.noncurrent_versions_to_keep)
    error_message = "noncurrent_versions_to_keep is ${var.noncurrent_versions_to_keep}: S3 takes whole numbers from 1 to 100."
  }
}

variable "tags" {
  description = "Tags of the bucket, beside the provider's default tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
