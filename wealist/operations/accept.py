"""`wealist accept`: what was synthesized becomes the committed inventory."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from wealist import project
from wealist.checks import accepted
from wealist.checks.check import read_synthesis
from wealist.checks.finding import Synthesis
from wealist.operations.environment import every
from wealist.progress import step
from wealist.spec.environment import Environment


def accept(describe: Callable[[Synthesis], None] = lambda _: None) -> list[str]:
    """Synthesize, and bring the inventory up to date.

    Args:
        describe: Writes what else is generated from what was synthesized, once the inventory is current.

    Returns:
        What changed, as a unified diff; empty where the inventory was current.

    Raises:
        OperatorError: the committed inventory cannot be read, or something that holds data would leave it without a
            release; nothing is written.
        ToolFailedError: the synthesis failed.
    """
    environments = every()
    kept = _removed_types()
    difference, synthesis = _accept(environments)
    if _removed_types() != kept:
        # The pipeline keeps the rights to destroy what has just left the code: the account's stack changes with it.
        more, synthesis = _accept(environments)
        difference += more
    describe(synthesis)
    return difference


def _removed_types() -> frozenset[str]:
    return accepted.removed_types(accepted.removed(accepted.FOLDER / accepted.REMOVED))


def _accept(environments: Sequence[Environment]) -> tuple[list[str], Synthesis]:
    with TemporaryDirectory(prefix="wealist-accept-") as folder:
        # The proof that nothing stateful is lost compares with what is accepted here.
        with step("synthesize"):
            project.synthesize_unproven(Path(folder, "out"))
        synthesis = read_synthesis(Path(folder, "out"), environments)
    held, names = synthesis.holdings, [each.name for each in environments]
    difference = accepted.difference(accepted.FOLDER, held, names)
    accepted.accept(
        accepted.FOLDER,
        held,
        names,
        before=synthesis.accepted,
        destroyable={each.name for each in environments if each.may_be_destroyed},
    )
    return difference, synthesis
