"""What shares one Terraform state."""

# First of all, so that every import of cdktf below is the fast one.
import wealist.toolkit  # noqa: F401
