"""Synthesize every stack to Terraform JSON: `python main.py`, or `cdktf synth`."""

import sys
from pathlib import Path

from wealist.errors import OperatorError, from_os_error, os_error_in
from wealist.start import refuse_bad_temporary_folder, replace_unencodable_characters, restart_in_virtualenv


def main() -> int:
    """Synthesize, and print the paths of the written stacks.

    Returns:
        The exit code: 0; 1 if a proof fails; 2 if the input is not valid or the output is not writable; 130 if
        interrupted.
    """
    replace_unencodable_characters()
    try:
        return _main()
    except OperatorError as error:
        return _report(error)
    except OSError as error:
        return _report(from_os_error(error))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except Exception as error:  # jsii's error classes cannot be imported before the packages are known to be installed
        refused = os_error_in(str(error))
        if refused is None:
            raise
        return _report(from_os_error(refused))


def _report(error: OperatorError) -> int:
    print(f"error: {error}\nremedy: {error.remedy}", file=sys.stderr)
    return error.exit_code


def _main() -> int:
    restart_in_virtualenv()
    refuse_bad_temporary_folder()
    # Order matters: the first import starts Node, which loads its packages during the other imports.
    from wealist.toolkit import loading  # noqa: PLC0415

    loading.disable_garbage_collection()

    from wealist.spec.environments import load  # noqa: PLC0415
    from wealist.spec.problems import SpecError  # noqa: PLC0415

    try:
        environments = load()
    except SpecError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2

    from wealist.checks import accepted  # noqa: PLC0415
    from wealist.checks.check import refuse_unproven  # noqa: PLC0415
    from wealist.stacks.app import build  # noqa: PLC0415
    from wealist.toolkit import provider_lock  # noqa: PLC0415
    from wealist.toolkit.synthesis import output_folder, synthesize  # noqa: PLC0415

    output = output_folder()
    warnings = [warning for environment in environments for warning in environment.warnings]
    warnings += provider_lock.warnings()

    def verify(folder: Path) -> None:
        warnings.extend(refuse_unproven(folder, environments, output))

    removed = accepted.removed_types(accepted.removed(accepted.FOLDER / accepted.REMOVED))
    paths = synthesize(lambda app: build(app, environments, removed), output, verify)
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    for path in paths:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
