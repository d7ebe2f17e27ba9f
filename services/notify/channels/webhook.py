"""Signed webhooks by the Standard Webhooks specification: HMAC-SHA256 over id, timestamp and body."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

import httpx

from microgov.contracts.message import canonical
from microgov.services.notify.channels.outcome import AttemptOutcome, ContactAddress, Letter

TOTAL = 10.0
"""Seconds that a whole attempt may take, even if a receiver answers byte by byte."""
LAST_PORT = 65_535
TRY_LATER = frozenset({408, 425, 429})


class Webhook:
    """The channel `webhook`; `now` gives the signature's timestamp, `total` is the limit of an attempt in seconds.

    The timestamp lets a receiver refuse old requests.
    """

    def __init__(self, client: httpx.AsyncClient, now: Callable[[], datetime], total: float = TOTAL) -> None:
        self._client, self._now, self._total = client, now, total

    async def send(self, contact: ContactAddress, letter: Letter) -> AttemptOutcome:
        """Sends one POST request. An error after the request may have left counts as unknown.

        Only the status of the answer counts: no body is read, however long, and no redirection is followed.
        """
        body = canonical(letter._asdict())
        try:
            headers = sign(letter.delivery, self._now(), body, contact.secret)
        except ValueError:
            return AttemptOutcome("permanent", "bad_secret")
        try:
            request = self._client.build_request("POST", contact.address, content=body, headers=headers)
        except (httpx.InvalidURL, ValueError):
            return AttemptOutcome("permanent", "bad_address")
        if (request.url.port or 0) > LAST_PORT:
            return AttemptOutcome("permanent", "bad_address")
        return await self._sent(request)

    async def _sent(self, request: httpx.Request) -> AttemptOutcome:
        try:
            async with asyncio.timeout(self._total):
                response = await self._client.send(request, stream=True, follow_redirects=False)
                await response.aclose()
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, ValueError):
            return AttemptOutcome("permanent", "bad_address")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return AttemptOutcome("temporary", "not_connected")
        except Exception:  # other errors of httpx, the time-out, and exception groups
            return AttemptOutcome("unknown", "no_answer")
        return judge(response.status_code)


def judge(status: int) -> AttemptOutcome:
    """The outcome for an HTTP status: 2xx is success; 4xx is a permanent failure, except 408, 425 and 429; all others are
    temporary failures.
    """
    code = f"http_{status}"
    if 200 <= status < 300:
        return AttemptOutcome("ok", code)
    if 400 <= status < 500 and status not in TRY_LATER:
        return AttemptOutcome("permanent", code)
    return AttemptOutcome("temporary", code)


def sign(id: str, at: datetime, body: bytes, secret: str) -> dict[str, str]:
    """Headers of a signed request. The secret is `whsec_` with base64, or plain text; raises ValueError for bad base64."""
    plain = secret.removeprefix("whsec_")
    key = base64.b64decode(plain) if plain != secret else secret.encode()
    stamp = str(int(at.timestamp()))
    digest = hmac.new(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": signature,
    }
