import pytest
from moto.ec2.models import EC2Backend
from moto.ec2.responses import EC2Response

from tests.witness import corrections
from tests.witness.corrections import CONTRADICTED, NOT_COVERED
from wealist.emulator.corrections import CORRECTIONS
from wealist.emulator.corrections.replace import Correction, replace
from wealist.errors import OperatorError


def test_every_correction_cites_aws_documentation() -> None:
    for correction in CORRECTIONS:
        assert "https://docs.aws.amazon.com/" in (correction.__doc__ or ""), correction.__name__


@pytest.mark.parametrize("correction", CORRECTIONS, ids=corrections.names())
def test_corrections_that_add_a_call_are_needed_as_long_as_moto_lacks_it(correction: Correction) -> None:
    is_missing: list[bool] = []
    correction(lambda owner, name, _: is_missing.append(not hasattr(owner, name)))
    assert any(is_missing) == ("moto has no such call" in str(correction.__doc__))


def test_missing_attributes_of_moto_are_reported() -> None:
    with pytest.raises(OperatorError) as refused:
        replace(EC2Backend, "no_such_call_of_moto", None)
    assert refused.value.message == (
        "wealist/emulator/corrections was written for moto 5.2: EC2Backend has no no_such_call_of_moto"
    )


def test_calls_can_be_added_to_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EC2Response, "no_such_call_of_moto", None, raising=False)
    monkeypatch.delattr(EC2Response, "no_such_call_of_moto")
    replace(EC2Response, "no_such_call_of_moto", print)
    assert EC2Response.no_such_call_of_moto is print  # type: ignore[attr-defined]
    del EC2Response.no_such_call_of_moto  # type: ignore[attr-defined]


def test_every_correction_in_the_list_of_the_witness_exists() -> None:
    listed = corrections.committed()
    assert set(listed) <= set(corrections.names())
    assert {verdict for verdict, _ in listed.values()} <= {CONTRADICTED, NOT_COVERED}
    assert all(reason for _, reason in listed.values())
