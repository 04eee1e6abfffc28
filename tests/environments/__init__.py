"""The environments of the tests: `dev` and `prod` with the values of the architecture document.

They replace `wealist/spec/environments/` in every test, so that no test depends on values that operators change:
`use_them` in the tests' own process, `put_into` in a copy of the project.
"""

import shutil
from pathlib import Path

from wealist.spec import environments
from wealist.spec.baseline import Baseline, Budget

FOLDER = Path(__file__).parent
NAMES = ("dev", "prod")
BASELINE = Baseline(budget=Budget(monthly_usd=400, emails=("operators@wealist.co.kr",)))
"""The default settings, with a budget."""


def use_them() -> None:
    """Let `wealist.spec.environments.load` read the files of this folder."""
    environments.__path__ = [str(FOLDER)]


def put_into(project: Path) -> None:
    """Replace the environments of a copy of the project by those of this folder."""
    folder = without(project)
    for name in NAMES:
        shutil.copy2(FOLDER / f"{name}.py", folder)


def without(project: Path) -> Path:
    """Remove the environments of a copy of the project. Returns the folder for others."""
    folder = project / "wealist" / "spec" / "environments"
    for path in folder.glob("*.py"):
        if path.name != "__init__.py":
            path.unlink()
    return folder
