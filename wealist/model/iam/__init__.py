"""IAM as AWS evaluates it: actions, grants, references."""
