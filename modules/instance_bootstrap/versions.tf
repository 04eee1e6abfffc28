terraform {
  # The same floor as the stacks. No provider: this module only writes text.
  required_version = ">= 1.11"
}
