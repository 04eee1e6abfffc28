"""`python -m wealist …`."""

from wealist.cli import main

main()
