"""Terraform as data: the properties of AWS resource types, the content of stacks, the changes of plans."""
