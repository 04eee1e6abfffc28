from collections.abc import Iterator
from functools import partial

import pytest
from moto import mock_aws

from wealist.emulator.corrections.replace import Replace


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An AWS of moto's, as it comes, for one test."""
    for setting in ("AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(setting, raising=False)
    with mock_aws():
        yield


@pytest.fixture
def replace(monkeypatch: pytest.MonkeyPatch) -> Replace:
    """Corrects moto for one test."""
    return partial(monkeypatch.setattr, raising=False)
