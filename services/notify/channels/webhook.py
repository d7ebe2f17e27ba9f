"""Signed webhooks after the Standard Webhooks specification: id, timestamp, and HMAC-SHA256 over both and the body."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

import httpx

from contracts.message import canonical
from services.notify.channels.outcome import Address, Letter, Outcome

TRY_LATER = frozenset({408, 425, 429})


class Webhook:
    """`now` stamps the signature, so that a receiver can refuse old ones."""

    def __init__(self, client: httpx.AsyncClient, now: Callable[[], datetime]) -> None:
        self._client, self._now = client, now

    async def send(self, contact: Address, letter: Letter) -> Outcome:
        """One POST; whatever comes back after the request may have left counts as unknown."""
        body = canonical(letter._asdict())
        headers = sign(letter.delivery, self._now(), body, contact.secret)
        try:
            response = await self._client.post(contact.address, content=body, headers=headers)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            return Outcome("permanent", "bad_address")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return Outcome("temporary", "not_connected")
        except httpx.TransportError:
            return Outcome("unknown", "no_answer")
        return judge(response.status_code)


def judge(status: int) -> Outcome:
    """2xx is success; 4xx will not get better, but for those that say try later."""
    code = f"http_{status}"
    if 200 <= status < 300:
        return Outcome("ok", code)
    if 400 <= status < 500 and status not in TRY_LATER:
        return Outcome("permanent", code)
    return Outcome("temporary", code)


def sign(id: str, at: datetime, body: bytes, secret: str) -> dict[str, str]:
    """The headers of a signed request; the secret is `whsec_` and base64, or plain text."""
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
