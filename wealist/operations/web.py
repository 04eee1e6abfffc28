"""Requests by HTTP that end: with time-outs, and with a bounded number of repetitions where a server is busy."""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import requests

CONNECT_WITHIN: Final = 5.0
"""Seconds."""
ANSWER_WITHIN: Final = 20.0
"""Seconds between two bytes of an answer."""
_REPEATED: Final = 2
_LONGEST_WAIT: Final = 20
"""Seconds that a server may ask for before a request is repeated."""
BUSY: Final = (429, 500, 502, 503, 504)
"""What a server answers that may answer otherwise a little later."""


def session() -> "requests.Session":
    """A session that keeps to the limits above. What only reads is repeated; a redirect elsewhere gets no token."""
    import requests  # noqa: PLC0415  comes with moto; commands that ask nobody start in milliseconds
    from requests.adapters import HTTPAdapter  # noqa: PLC0415  the same
    from urllib3.util import Retry  # noqa: PLC0415  the same

    class Limited(HTTPAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **settings: Any) -> requests.Response:  # noqa: ANN401  as requests passes them on
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
