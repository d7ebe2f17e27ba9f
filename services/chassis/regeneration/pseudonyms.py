"""New names for the references of a recording, and placeholders for its texts.

References are given new names in their order: of two, the one that came first in the alphabet still does, so rows and
answers keep their order. Which names they are follows from a key; their order and their number can be seen, and no more.
The same key gives the same names for the same recording; a recording with other references gets other names.
"""

import hashlib
import hmac
import random
import re
from collections.abc import Iterable, Iterator

from microgov.contracts.ids import derived_id

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TEXT = "text"
"""What stands in place of a free text, by which no service decides."""


class Pseudonyms:
    """New names by reference, and placeholders by text.

    A reference that is a UUID gets a UUID, any other eight hexadecimal digits. `learn` adds the names that services gave to
    things themselves.
    """

    def __init__(
        self, key: bytes, references: Iterable[str], names: Iterable[str], words: Iterable[str]
    ) -> None:
        self.key = key
        self._references = {
            old: self._named(old, new) for old, new in self._in_order("references", references)
        }
        self._words = {old: f"w{new}" for old, new in self._in_order("words", words)}
        self._learnt: dict[str, str] = {}
        self._before = {new: old for old, new in self._references.items()}
        self._used: set[str] = set()
        texts = sorted({*names})
        width = len(str(len(texts)))
        self._names = {text: f"name{n:0{width}}" for n, text in enumerate(texts, 1)}
        self._placeholders = frozenset({TEXT, *self._names.values()})

    def _in_order(self, what: str, some: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Each value with eight hexadecimal digits; of two, the first in the alphabet has the lower ones."""
        known = sorted({*some})
        chosen = random.Random(self._digest(what)).sample(range(1 << 32), len(known))
        return zip(known, (f"{n:08x}" for n in sorted(chosen)), strict=True)

    def _digest(self, *what: str) -> bytes:
        return hmac.new(self.key, "\0".join(what).encode(), hashlib.sha256).digest()

    def _named(self, old: str, first: str) -> str:
        if not UUID.fullmatch(old):
            return first
        rest = self._digest("uuid", old).hex()
        return f"{first}-{rest[:4]}-5{rest[4:7]}-8{rest[7:10]}-{rest[10:22]}"

    def reference(self, old: str) -> str:
        """The new name of a reference in an input."""
        self._used.add(old)
        return self._learnt.get(old) or self._references[old]

    def word(self, old: str) -> str:
        """The new word for a code that the system does not know."""
        return self._words[old]

    def name(self, old: str) -> str:
        """The placeholder of a title or a name; placeholders sort as the texts do."""
        return self._names[old]

    def learn(self, old: str, new: str) -> None:
        """Notes what a service calls now what it called `old`; a reference that an input has used keeps its name. A text may
        look like a reference, so a placeholder is no new name.
        """
        if new not in self._placeholders and new != old:
            self._before.setdefault(new, old)
        if old in self._references and old not in self._used and new not in self._placeholders:
            self._learnt.setdefault(old, new)

    def learn_derived(self, namespace: str, name: str, new: str) -> None:
        """Notes the id `new`, which a service computes from names that are new, such as that of a delivery. The id of
        before follows from the names of before; no answer need hold it.
        """
        if namespace in self._before:
            parts = [self._before.get(part, part) for part in name.split("/")]
            self.learn(derived_id(self._before[namespace], "/".join(parts)), new)

    def like(self, old: str, alphabet: str) -> str:
        """Letters of this alphabet, as many as `old` has, that follow from it and the key."""
        chance = random.Random(self._digest("like", old))
        return "".join(chance.choice(alphabet) for _ in old)
