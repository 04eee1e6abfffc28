"""One reading of Terraform: what AWS's types are, what stacks hold, what plans do."""
