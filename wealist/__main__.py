"""`python -m wealist …`: the command `wealist`."""

from wealist.start import refuse_without_packages

refuse_without_packages()

from wealist.cli import main  # noqa: E402 -- needs the packages

main()
