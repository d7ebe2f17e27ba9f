"""What to do instead of a change that the gate refuses, in Chinese and English."""

from microgov.contracts.fields import Words

UNKNOWN = Words(
    zh="兼容性检查不认识此项。请改用已有的写法，或先在 contracts/compatibility/keywords.py 中说明哪些改动允许，并附测试。",
    en="The gate does not know this feature. Use one that it knows, or first say in contracts/compatibility/keywords.py "
    "which changes of it are allowed, with a test.",
)
TYPE_GONE = Words(
    zh="日志里可能有此类型的消息，必须仍能读取。请恢复该消息类；不再使用的，可不再发出、不再让人发送。",
    en="A log may hold messages of this type, and they must stay readable. Put the class back; what is no longer wanted is "
    "no longer emitted, or has no role that may send it.",
)
NAME = Words(
    zh="$id 是类型的名称，不能改动。请恢复；新的内容请用新的类型。",
    en="$id is the name of the type and never changes. Put it back; other content needs a new type.",
)
DIALECT = Words(
    zh="$schema 规定了所有关键字的含义。请恢复。", en="$schema says what every keyword means. Put it back."
)
OTHER_VALUES = Words(
    zh="新旧读取方不能都读懂这样的值。请恢复；需要别的值，请加一个可不填的新字段，或另立新的类型。",
    en="Earlier and later readers do not both read such values. Put it back; for other values add a new optional field, or "
    "a new type.",
)
PATTERN = Words(
    zh="两个正则式是否接受同样的值，这里不作判断，因此不能改动。请恢复；需要别的写法，请加一个可不填的新字段，"
    "或另立新的类型。",
    en="Whether two patterns accept the same values is not decided here, so a pattern never changes. Put it back; for "
    "another form add a new optional field, or a new type.",
)
UPPER_NARROWER = Words(
    zh="日志里可能已有超出新上限的值，必须仍能读取。请恢复旧上限；只约束发送方的，请写成 AtTheDoor（contracts/bounds.py）。",
    en="The log may hold values above the new bound, and they must stay readable. Put the old bound back; to hold senders "
    "alone to the new one, write it as AtTheDoor (contracts/bounds.py).",
)
LOWER_NARROWER = Words(
    zh="日志里可能已有低于新下限的值，必须仍能读取。请恢复旧下限；不接受这类值的规则属于处理程序，"
    "自新的 behaviour 起生效（docs/architecture.md §4.9）。",
    en="The log may hold values below the new bound, and they must stay readable. Put the old bound back; a rule that "
    "refuses such values belongs to the handler, from a new behaviour on (docs/architecture.md §4.9).",
)
LIMIT_WIDER = Words(
    zh="旧版本读不了超出旧界限的值。请恢复旧界限；需要这类值，请加一个可不填的新字段，或另立新的类型。",
    en="Earlier releases cannot read values beyond the old bound. Put it back; for such values add a new optional field, or "
    "a new type.",
)
VALUE_GONE = Words(
    zh="日志里可能已有被去掉的值，必须仍能读取。请恢复；不再接受它的规则属于处理程序，自新的 behaviour 起生效。",
    en="The log may hold what is no longer allowed, and it must stay readable. Put it back; a rule that refuses it belongs "
    "to the handler, from a new behaviour on.",
)
VALUE_NEW = Words(
    zh="旧版本读不了它不认识的值。请去掉；请用一个可不填的新字段，或另立新的类型来表达。",
    en="Earlier releases cannot read a value or form that they do not know. Take it out; say it in a new optional field, or "
    "in a new type.",
)
REQUIRED_NEW = Words(
    zh="旧消息里可能没有此字段，必须仍能读取。请写成可不填，并给默认值；或另立新的类型。",
    en="Older messages may lack this field, and they must stay readable. Make it optional, with a default; or make a new "
    "type.",
)
REQUIRED_GONE = Words(
    zh="旧版本要求有此字段，缺了就读不了新消息。请保留为必填；或另立新的类型。",
    en="Earlier releases require this field and cannot read a message without it. Keep it, and keep it required; or make a "
    "new type.",
)
FIELD_GONE_AT_THE_DOOR = Words(
    zh="入口拒收含未知字段的消息：仍在填写此字段的发送方会被拒。请保留该字段，可不再使用。",
    en="The door rejects unknown fields, so whoever still sends this one would be rejected. Keep the field; it may go "
    "unused.",
)
DEFAULT = Words(
    zh="旧消息里没写此字段的，读出来会与当时不同。请恢复旧的默认值；需要别的值，请加新字段或新的规则节（docs/decisions/0018）。",
    en="A message without this field would be read otherwise than it was then. Put the old default back; for another one "
    "add a new field, or a new section of the rules (docs/decisions/0018).",
)
DEFAULT_MISSING = Words(
    zh="可不填的新字段必须在模式中写明默认值，读取方据此读取没有它的消息。请给一个固定的默认值。",
    en="A new optional field shows its default, by which a message without it is read. Give it a fixed default.",
)
FREE_TEXT = Words(
    zh="给发布方的副本不含自由文本：改动此标记，副本里的字段就会消失，或居民写的文字会外传。请恢复；"
    "需要时请加一个可不填的新字段。",
    en="Copies for publishers leave free text out: with this mark changed they lose a field, or carry what people wrote. "
    "Put it back; where needed add a new optional field.",
)
DOOR_NARROWER = Words(
    zh="入口将拒收以前接受的消息。请放宽；若非如此不可，请连同理由写入 contracts/released/accepted.toml，由审阅者决定。",
    en="The door would reject what it accepted. Widen it again; if it has to be, write it into "
    "contracts/released/accepted.toml with the reason, for reviewers to judge.",
)
