"""AWS Backup plans and their selections.

https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Operations.html
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from moto.backup.exceptions import ResourceNotFoundException
from moto.backup.models import Plan
from moto.backup.responses import BackupResponse

from wealist.emulator.corrections.replace import Correction, Replace


def plans_have_selections(replace: Replace) -> None:
    """A plan has selections; moto has no such calls.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupSelection.html
    """

    def create_backup_selection(self: BackupResponse) -> str:
        plan, _ = _from_path(self)
        id_ = str(uuid4())
        _selections(plan)[id_] = {
            "BackupPlanId": plan.backup_plan_id,
            "BackupSelection": json.loads(self.body)["BackupSelection"],
            "CreationDate": plan.creation_date,
            "SelectionId": id_,
        }
        return json.dumps({"BackupPlanId": plan.backup_plan_id, "CreationDate": plan.creation_date, "SelectionId": id_})

    def get_backup_selection(self: BackupResponse) -> str:
        plan, id_ = _from_path(self)
        if id_ not in _selections(plan):
            raise ResourceNotFoundException(msg=f"Cannot find Backup selection with ID {id_}")
        return json.dumps(_selections(plan)[id_])

    def list_backup_selections(self: BackupResponse) -> str:
        plan, _ = _from_path(self)
        return json.dumps({"BackupSelectionsList": [_listed(each) for each in _selections(plan).values()]})

    def delete_backup_selection(self: BackupResponse) -> str:
        plan, id_ = _from_path(self)
        _selections(plan).pop(id_, None)
        return json.dumps({})

    for call in (create_backup_selection, get_backup_selection, list_backup_selections, delete_backup_selection):
        replace(BackupResponse, call.__name__, call)


def plans_can_be_updated(replace: Replace) -> None:
    """A plan can be updated and gets another version; moto has no such call.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateBackupPlan.html
    """

    def update_backup_plan(self: BackupResponse) -> str:
        plan, _ = _from_path(self)
        plan.backup_plan.update(json.loads(self.body)["BackupPlan"])
        plan.version_id = str(uuid4())
        return json.dumps(plan.to_dict())

    replace(BackupResponse, "update_backup_plan", update_backup_plan)


def _from_path(request: BackupResponse) -> tuple[Plan, str]:
    """Return the plan and the selection id in the path `/backup/plans/PLAN/selections/SELECTION`."""
    _, _, _, plan, *rest = request.path.split("/")
    if plan not in request.backup_backend.plans:
        raise ResourceNotFoundException(msg=f"Failed reading Backup plan with provided plan id {plan}")
    return request.backup_backend.plans[plan], rest[-1] if rest else ""


def _selections(plan: Plan) -> dict[str, Any]:
    selections: dict[str, Any] = vars(plan).setdefault("selections", {})
    return selections


def _listed(selection: Mapping[str, Any]) -> dict[str, Any]:
    """Return a selection as lists contain it: with its name and role, without its resources."""
    asked = selection["BackupSelection"]
    named = {name: asked[name] for name in ("SelectionName", "IamRoleArn")}
    return {name: value for name, value in selection.items() if name != "BackupSelection"} | named


CORRECTIONS: tuple[Correction, ...] = (plans_have_selections, plans_can_be_updated)
