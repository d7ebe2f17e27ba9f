"""Envelopes as they are stored in the log."""

from datetime import datetime
from typing import Any

from microgov.contracts.message import Envelope, Message, canonical, envelope_of, plain


def stored_envelope(message: Message, time: datetime, values: dict[str, Any]) -> Envelope[Any]:
    """An envelope in the log of tenant donghu; `values` are the attributes that differ between messages."""
    always = {
        "source": "/test",
        "type": message.TYPE,
        "time": time.isoformat(),
        "recordedtime": time.isoformat(),
        "tenant": "donghu",
        "writer": "gateway",
        "authtype": "app_user",
        "data": plain(message),
    }
    given = {name: value for name, value in (always | values).items() if value is not None}
    return envelope_of(type(message)).model_validate_json(canonical(given))
