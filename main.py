"""Every stack of every environment, synthesized to Terraform JSON: `python main.py`, or `cdktf synth`."""

import sys
from pathlib import Path

from wealist.errors import OperatorError, of_system, reported_by
from wealist.start import go_on_in_virtualenv, print_any_character, refuse_bad_temporary_folder


def main() -> int:
    """Synthesizes.

    Returns:
        The exit code: 0, 1 when the output would not be safe, 2 when the input is not valid or the output cannot be
        written, 130 when it was interrupted.
    """
    print_any_character()
    try:
        return _main()
    except OperatorError as error:
        return _report(error)
    except OSError as error:
        return _report(of_system(error))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except Exception as error:  # jsii's own errors have no class that could be named before the packages are there
        refused = reported_by(str(error))
        if refused is None:
            raise
        return _report(of_system(refused))


def _report(error: OperatorError) -> int:
    print(f"error: {error}\nremedy: {error.remedy}", file=sys.stderr)
    return error.exit_code


def _main() -> int:
    go_on_in_virtualenv()
    refuse_bad_temporary_folder()
    # The order counts: Node starts with the first of these imports, and loads its packages during the others.
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
