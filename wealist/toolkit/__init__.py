"""What makes cdktf pleasant: fast loading, readable addresses, checked HCL modules, IAM policy documents."""

from wealist.toolkit import loading

# Here, because every construct and stack imports this package before it imports cdktf.
loading.prepare()
