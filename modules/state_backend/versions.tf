terraform {
  # The same floor as the stacks: S3-native locking is stable since 1.11.
  required_version = ">= 1.11"

  # A least version alone: each stack requires exactly the one that its bindings were made for.
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}
