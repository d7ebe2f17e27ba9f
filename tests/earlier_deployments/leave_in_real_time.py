"""Leaves matters open in the tenant with a real clock: an issue, a delivery that is tried again, a quarantined message.

It works on commits before af27dc3. From that commit on a refusal that is too long is shortened, and no other message that
the door accepts makes a handler fail (tests/extremes): on such a commit `_quarantined` raises AssertionError.
"""

import base64
from typing import Any

from rich.console import Console

from microgov.client import simulated_clock
from microgov.client.publisher import Client
from microgov.contracts import issues
from microgov.contracts.directory import ChangeRules
from microgov.contracts.log import MessageQuarantined
from microgov.contracts.message import plain
from microgov.contracts.notify import DeliveryFailed, RegisterContact, SetContact
from microgov.demo.player import Player
from microgov.stories.catalogue import STORIES
from microgov.stories.story import Step, Story, Wait
from microgov.text.sentences import Sentence

DEAD_END = "http://127.0.0.1:9/old-house"
"""An address where nothing listens: a delivery to it fails and is tried again."""


def step_as_json(step: Step | Wait, tenant: str, effect: str) -> dict[str, Any]:
    """The step as `test_goes_on.py` reads it; `effect` is the type of the event that the step must lead to."""
    assert isinstance(step, Step)
    message = {"type": step.message.TYPE, "data": plain(step.message)}
    how = {"by": step.by, "role": step.role, "on_behalf_of": step.on_behalf_of, "sealed": step.sealed}
    return {"tenant": tenant, "id": step.id, "subject": step.subject, **message, **how, "effect": effect}


async def leave_in_real_time(client: Client) -> dict[str, Any]:
    """Leaves three things open, and returns what the test needs to know of them.

    The issue `old-patch` of the story of the vegetable patch waits to be accepted. Its reporter `old-wang` has a webhook at
    an address where nothing listens; the issue `old-gate` of the same person is accepted, so that a notice of it is being
    tried again. A triage of `old-lamp` is quarantined, and a co-signature of that issue waits behind it.
    """
    story = STORIES["vegetable-patch"].make("old", await simulated_clock.now(client), client.tenant)
    accept_index = next(
        n
        for n, step in enumerate(story.steps)
        if isinstance(step, Step) and isinstance(step.message, issues.AcceptIssue)
    )
    player = Player(client, Console(stderr=True, quiet=True))
    await player.play(Story("left", Sentence("", ""), "old", story.steps[:accept_index]))
    secret = "whsec_" + base64.b64encode(b"of an old house").decode()
    await client.ask(
        "notify", SetContact(person="old-wang", channel="webhook", address=DEAD_END, secret=secret)
    )
    gate = issues.SubmitIssue(title="铁门", text="关不上。", place="old-yuan", channel="app")
    await client.reaction(await client.send(RegisterContact(channel="webhook"), by="old-wang"))
    await client.reaction(await client.send(gate, "old-gate", by="old-wang"))
    await client.reaction(await client.send(issues.AcceptIssue(), "old-gate", by="old-branch"))
    async for stored, _ in client.log():  # until a delivery waits for another attempt
        if stored.subject.endswith(f".{DeliveryFailed.TYPE}"):
            break
    return {
        "next": [step_as_json(story.steps[accept_index], client.tenant, issues.IssueAccepted.TYPE)],
        **await _quarantined(client),
    }


async def _quarantined(client: Client) -> dict[str, Any]:
    """Sends a command whose handler fails, and a second one that waits behind it.

    The refusal of an unknown theme lists all themes. With 150 themes it was longer than a sentence may be in a message.
    Raises AssertionError if the command is refused instead, as it is from af27dc3 on.
    """
    themes = [{"theme": f"theme_{n}", "name": f"第{n}类"} for n in range(150)]
    content = {"section": "themes", "themes": themes}
    await client.send(ChangeRules.model_validate({"content": content}), "themes", by="office", role="office")
    triage = issues.TriageIssue(
        theme="lamps", scale="small", urgency="ordinary", reach="compound", form="micro_topic"
    )
    failed = await client.send(triage, "old-lamp", by="old-branch")
    effect = await client.reaction(failed)
    assert effect is not None, effect
    assert isinstance(effect.data, MessageQuarantined), effect
    held = await client.send(issues.CosignIssue(channel="app"), "old-lamp", by="old-li")
    await client.settle()
    return {"quarantined": {"tenant": client.tenant, "seq": failed.log_seq, "held": held.id}}
