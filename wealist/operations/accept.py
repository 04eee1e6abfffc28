"""`wealist accept`: update the committed inventory from a synthesis."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from wealist import project
from wealist.checks import accepted
from wealist.checks.check import read_synthesis
from wealist.checks.finding import Synthesis
from wealist.progress import step
from wealist.project import load_environments
from wealist.spec.environment import Environment


def accept(describe: Callable[[Synthesis], None] = lambda _: None) -> list[str]:
    """Synthesize, and update the inventory.

    Args:
        describe: Writes other generated files from the synthesis, after the inventory is current.

    Returns:
        The lines of a unified diff; empty if the inventory was current.

    Raises:
        OperatorError: The committed inventory is not readable, or a resource that holds data would leave it without a
            release. Nothing is written.
        ToolFailedError: The synthesis failed.
    """
    environments = load_environments()
    removed = _removed_types()
    difference, synthesis = _accept(environments)
    if _removed_types() != removed:
        # The pipeline's role may destroy types that have left the code, so that the account's stack changes, too.
        more, synthesis = _accept(environments)
        difference += more
    describe(synthesis)
    return difference


def _removed_types() -> frozenset[str]:
    return accepted.removed_types(accepted.removed(accepted.FOLDER / accepted.REMOVED))


def _accept(environments: Sequence[Environment]) -> tuple[list[str], Synthesis]:
    with TemporaryDirectory(prefix="wealist-accept-") as folder:
        # Without proofs: the proof of stateful resources compares with the inventory that is updated here.
        with step("synthesize"):
            project.synthesize_unproven(Path(folder, "out"))
        synthesis = read_synthesis(Path(folder, "out"), environments)
    holdings, names = synthesis.holdings, [each.name for each in environments]
    difference = accepted.difference(accepted.FOLDER, holdings, names)
    accepted.accept(
        accepted.FOLDER,
        holdings,
        names,
        before=synthesis.accepted,
        destroyable={each.name for each in environments if each.may_be_destroyed},
    )
    return difference, synthesis
