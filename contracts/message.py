"""The base classes Message, Command, Event and Question, the envelope, and the registry of all message classes.

A message is one class in the module of its owner. Its type name, its subjects, its schema, its permissions and its tests are
derived from that class. `Envelope` is CloudEvents 1.0 in structured JSON mode; the same bytes are on the
wire, in the outbox and in a recording.
"""

import json
import re
import sys
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from microgov.contracts.fields import (
    LINE,
    EntityId,
    Format,
    Instant,
    MessageId,
    OutsideId,
    Part,
    PersonId,
    PlaceId,
    Role,
    Sequence,
    Time,
    Token,
    TraceParent,
    TypeName,
)
from microgov.contracts.named_generic import NamedGeneric
from microgov.contracts.versions import newest

M = TypeVar("M", bound="Message", covariant=True)
AuthType = Literal["app_user", "service_account", "system"]


class Message(Part):
    """The data of a message.

    The class keywords become attributes: `ROLES` may send it (empty for events of services), `CREATES` says that it can
    create its entity, and `SINCE` is the `behaviour` of the tenant from which on the door accepts it, because older
    releases of the services do not know it. `ABOUT` is the kind of thing that `subject` names (kinds.py). An older version
    has its next one as `NEWER` (versions.py).

    In the description of a message, "the issue (`subject`)" means the issue whose id is the field `subject` of the envelope.
    """

    OWNER: ClassVar[str] = ""
    NAME: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    SINCE: ClassVar[int] = 0
    ABOUT: ClassVar[str] = ""
    TYPE: ClassVar[str] = ""
    ROLES: ClassVar[frozenset[Role]] = frozenset()
    CREATES: ClassVar[bool] = False
    KIND: ClassVar[str] = "message"
    NEWER: "ClassVar[type[Message] | None]" = None
    OLDER: "ClassVar[tuple[type[Message], ...]]" = ()

    @classmethod
    def __pydantic_init_subclass__(
        cls,
        *,
        roles: frozenset[Role] = frozenset(),
        creates: bool = False,
        version: int = 1,
        since: int = 0,
        newer: "type[Message] | None" = None,
        about: str = "",
        **_: Any,
    ) -> None:
        if Message in cls.__bases__ or "[" in cls.__name__:
            return
        cls.OWNER = _owner(cls.__module__)
        cls.ABOUT = about or getattr(sys.modules[cls.__module__], "ABOUT", "")
        cls.NAME = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        if newer is not None:
            if cls.upgrade is Message.upgrade:
                raise TypeError(f"{cls.__name__} is an older version: write its upgrade()")
            cls.NAME, version, roles, creates = newer.NAME, newer.VERSION - 1, newer.ROLES, newer.CREATES
            newer.OLDER = (cls,)
        cls.VERSION, cls.ROLES, cls.CREATES, cls.SINCE, cls.NEWER = version, roles, creates, since, newer
        cls.TYPE = f"{cls.OWNER}.{cls.NAME}.v{version}"
        REGISTRY[cls.TYPE] = cls

    def __init_subclass__(cls, **_: Any) -> None:
        """Class keywords (roles, version, since, …) are read after pydantic has built the class."""
        super().__init_subclass__()

    def upgrade(self) -> "Message":
        """The same message in the version `NEWER`; each older version has its own."""
        raise NotImplementedError  # never called: a class without its own cannot be made


REGISTRY: dict[str, type[Message]] = {}


def _owner(module: str) -> str:
    """The service that owns the messages of a module: `OWNER` of the module or of the nearest package around it.

    Raises TypeError if there is none.
    """
    inner = module
    while module:
        owner = getattr(sys.modules.get(module), "OWNER", None)
        if isinstance(owner, str):
            return owner
        module = module.rpartition(".")[0]
    raise TypeError(
        f'{inner} holds a message: write OWNER = "…" above it, the name of the service that owns it'
    )


class Command(Message):
    """A message that asks for something and may be refused; named by a verb and a noun.

    With `creates` its entity need not exist, and the sender may leave out its id.
    """

    KIND: ClassVar[str] = "command"


class Event(Message):
    """A message that states a fact; named by a noun and a past participle.

    An event with `roles` is sent by a program outside about its own world.
    """

    KIND: ClassVar[str] = "event"


class Question(Message):
    """A message that is asked by request and reply and never stored; the answer is a `Part`."""

    KIND: ClassVar[str] = "question"


class Envelope(NamedGeneric, Generic[M]):
    """A message in the log.

    The names are those of CloudEvents, or extensions where CloudEvents has none. `time` is when it happened and
    `recordedtime` when it was recorded, both in UTC; handlers take the latter as "now". `writer` and `sequence`
    number the messages of one writer without gaps, `causationid` is the id of the message which caused this one and
    `correlationid` the id of the first message of that chain. `subject` is the id of the entity that the message is
    about, not a subject of the broker. The person `authid` sent it in the role `role`, within the place `scope`, for
    the person `onbehalfof`. `publisher` is the program outside that sent it, and `publisherid` the id that this
    program gave it.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    datacontenttype: Literal["application/json"] = "application/json"
    id: MessageId
    source: Annotated[str, Format(LINE), Field(max_length=128, examples=["/microgov/donghu/issues"])]
    type: TypeName
    subject: EntityId
    time: Instant
    recordedtime: Instant
    tenant: Token
    writer: Token
    sequence: Sequence
    correlationid: MessageId
    causationid: MessageId | None = None
    entityversion: Annotated[int, Field(ge=1, le=2**31 - 1, examples=[1])] | None = None
    authid: PersonId
    authtype: AuthType
    role: Role | None = None
    scope: PlaceId | None = None
    onbehalfof: PersonId | None = None
    publisher: Token | None = None
    publisherid: OutsideId | None = None
    traceparent: TraceParent | None = None
    data: M

    @property
    def beneficiary(self) -> str:
        """The person whom the message is about: the person it was sent for, else the sender."""
        return self.onbehalfof or self.authid


class Incoming(NamedGeneric, Generic[M]):
    """A message as a program outside sends it; the door adds the rest of the envelope.

    The sender chooses `id`, which makes sending the message again harmless. `subject` names the entity; a command
    that creates one may leave it out. `authid` names the person who acts, if the publisher may speak for others.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    specversion: Literal["1.0"]
    datacontenttype: Literal["application/json"] = "application/json"
    id: OutsideId
    source: Annotated[str, Format(LINE), Field(min_length=1, max_length=128, examples=["/portal"])]
    type: TypeName
    subject: EntityId | None = None
    time: Time | None = None
    authid: PersonId | None = None
    role: Role | None = None
    onbehalfof: PersonId | None = None
    traceparent: TraceParent | None = None
    data: M


def canonical(value: Any) -> bytes:
    """The canonical JSON of a value: keys sorted, no blanks, UTF-8 unescaped, no floats."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def plain(model: BaseModel) -> dict[str, Any]:
    """The model as JSON values, without the fields that are None."""
    return model.model_dump(mode="json", exclude_none=True)


def type_in(subject: str) -> str:
    """The type name at the end of a subject of the streams IN, LOG and OUT."""
    return subject.split(".", 3)[3]


def envelope_of(message: type[Message]) -> type[Envelope[Message]]:
    """The envelope class that validates this message."""
    return _ENVELOPES.get(message.TYPE) or _ENVELOPES.setdefault(message.TYPE, Envelope.class_of(message))


def incoming_of(message: type[Message]) -> type[Incoming[Message]]:
    """The class that validates this message as a publisher sends it."""
    return _INCOMING.get(message.TYPE) or _INCOMING.setdefault(message.TYPE, Incoming.class_of(message))


_ENVELOPES: dict[str, type[Envelope[Message]]] = {}
_INCOMING: dict[str, type[Incoming[Message]]] = {}
_READERS: dict[str, Callable[[bytes], Envelope[Message]]] = {}


def parse(subject: str, data: bytes) -> Envelope[Message]:
    """The message of the log with this subject and these bytes, its data in the newest version.

    Raises KeyError for an unknown type, ValidationError for invalid data.
    """
    read = _READERS.get(subject)
    if read is None:
        kind = REGISTRY[type_in(subject)]
        valid = envelope_of(kind).__pydantic_validator__.validate_json
        read = _READERS[subject] = valid if kind.NEWER is None else lambda data: newest(valid(data))
    return read(data)
