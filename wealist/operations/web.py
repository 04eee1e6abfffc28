"""HTTP requests with time-outs and a bounded number of retries."""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import requests

CONNECT_WITHIN: Final = 5.0
"""Seconds."""
ANSWER_WITHIN: Final = 20.0
"""Seconds between two bytes of a response."""
_REPEATED: Final = 2
_LONGEST_WAIT: Final = 20
"""The longest `Retry-After` that is respected, in seconds."""
BUSY: Final = (429, 500, 502, 503, 504)
"""Status codes of temporary failures."""


def session() -> "requests.Session":
    """Return a session with the limits above. It retries only idempotent requests."""
    import requests  # noqa: PLC0415 -- slow, and most commands send no requests
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 -- the same
    from urllib3.util import Retry  # noqa: PLC0415 -- the same

    class Limited(HTTPAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **settings: Any) -> requests.Response:  # noqa: ANN401 -- the signature of requests
            settings["timeout"] = (CONNECT_WITHIN, ANSWER_WITHIN)
            return super().send(request, *args, **settings)

    repeated = Retry(
        total=_REPEATED,
        status_forcelist=BUSY,
        backoff_factor=0.5,
        raise_on_status=False,
        retry_after_max=_LONGEST_WAIT,
    )
    made = requests.Session()
    for scheme in ("https://", "http://"):
        made.mount(scheme, Limited(max_retries=repeated))
    return made
