"""Plans of backups, and what they back up.

https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Operations.html
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from moto.backup.exceptions import ResourceNotFoundException
from moto.backup.models import Plan
from moto.backup.responses import BackupResponse

from wealist.emulator.corrections.replace import Correction, Replace

_SELECTIONS: Final = "selections"
"""The attribute of moto's plan that keeps them."""


def plans_say_what_they_back_up(replace: Replace) -> None:
    """A plan has selections; moto has no such calls.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupSelection.html
    """

    def create_backup_selection(self: BackupResponse) -> str:
        plan, _ = _asked(self)
        id_ = str(uuid4())
        _selections(plan)[id_] = {
            "BackupPlanId": plan.backup_plan_id,
            "BackupSelection": json.loads(self.body)["BackupSelection"],
            "CreationDate": plan.creation_date,
            "SelectionId": id_,
        }
        return json.dumps({"BackupPlanId": plan.backup_plan_id, "CreationDate": plan.creation_date, "SelectionId": id_})

    def get_backup_selection(self: BackupResponse) -> str:
        plan, id_ = _asked(self)
        if id_ not in _selections(plan):
            raise ResourceNotFoundException(msg=f"Cannot find Backup selection with ID {id_}")
        return json.dumps(_selections(plan)[id_])

    def list_backup_selections(self: BackupResponse) -> str:
        plan, _ = _asked(self)
        return json.dumps({"BackupSelectionsList": [_listed(each) for each in _selections(plan).values()]})

    def delete_backup_selection(self: BackupResponse) -> str:
        plan, id_ = _asked(self)
        _selections(plan).pop(id_, None)
        return json.dumps({})

    for call in (create_backup_selection, get_backup_selection, list_backup_selections, delete_backup_selection):
        replace(BackupResponse, call.__name__, call)


def plans_can_be_changed(replace: Replace) -> None:
    """A plan takes other rules, and gets another version; moto has no such call.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateBackupPlan.html
    """

    def update_backup_plan(self: BackupResponse) -> str:
        plan, _ = _asked(self)
        plan.backup_plan.update(json.loads(self.body)["BackupPlan"])
        plan.version_id = str(uuid4())
        return json.dumps(plan.to_dict())

    replace(BackupResponse, "update_backup_plan", update_backup_plan)


def _asked(request: BackupResponse) -> tuple[Plan, str]:
    """The plan that a path names, and the selection: `/backup/plans/PLAN/selections/SELECTION`."""
    _, _, _, plan, *rest = request.path.split("/")
    if plan not in request.backup_backend.plans:
        raise ResourceNotFoundException(msg=f"Failed reading Backup plan with provided plan id {plan}")
    return request.backup_backend.plans[plan], rest[-1] if rest else ""


def _selections(plan: Plan) -> dict[str, Any]:
    selections: dict[str, Any] = vars(plan).setdefault(_SELECTIONS, {})
    return selections


def _listed(selection: Mapping[str, Any]) -> dict[str, Any]:
    """A selection as a list has it: with its name and role, without what it backs up."""
    asked = selection["BackupSelection"]
    named = {name: asked[name] for name in ("SelectionName", "IamRoleArn")}
    return {name: value for name, value in selection.items() if name != "BackupSelection"} | named


CORRECTIONS: tuple[Correction, ...] = (plans_say_what_they_back_up, plans_can_be_changed)
