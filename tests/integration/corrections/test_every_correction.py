import pytest
from moto.ec2.models import EC2Backend
from moto.ec2.responses import EC2Response

from wealist.emulator.corrections import CORRECTIONS
from wealist.emulator.corrections.replace import replace
from wealist.errors import OperatorError


def test_every_correction_says_why_and_where_aws_says_so() -> None:
    for correction in CORRECTIONS:
        assert "https://docs.aws.amazon.com/" in (correction.__doc__ or ""), correction.__name__


def test_a_moto_that_lacks_what_is_replaced_is_refused_with_its_name() -> None:
    with pytest.raises(OperatorError) as refused:
        replace(EC2Backend, "no_such_call_of_moto", None)
    assert refused.value.message == (
        "wealist/emulator/corrections was written for moto 5.2: EC2Backend has no no_such_call_of_moto"
    )


def test_a_service_may_get_a_call_that_moto_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EC2Response, "no_such_call_of_moto", None, raising=False)
    monkeypatch.delattr(EC2Response, "no_such_call_of_moto")
    replace(EC2Response, "no_such_call_of_moto", print)
    assert EC2Response.no_such_call_of_moto is print  # type: ignore[attr-defined]
    del EC2Response.no_such_call_of_moto  # type: ignore[attr-defined]
