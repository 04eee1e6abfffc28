"""What this project adds to cdktf: fast loading, readable addresses, checked HCL modules, IAM policy documents."""

from wealist.toolkit import loading

# Every construct and stack imports this package before it imports cdktf.
loading.prepare()
