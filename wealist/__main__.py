"""`python -m wealist …`: the command `wealist`, by a Python that has the packages."""

from wealist.start import refuse_without_packages

refuse_without_packages()

from wealist.cli import main  # noqa: E402  it needs the packages

main()
