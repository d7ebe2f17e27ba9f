"""Sends the messages of a story to the door, and prints each step with its effect or refusal."""

import json
from datetime import datetime

from rich.console import Console
from rich.text import Text

from microgov.client import simulated_clock
from microgov.client.publisher import Client
from microgov.contracts import issues
from microgov.contracts.log import CommandRefused, EventIgnored
from microgov.contracts.message import Envelope, Message, Question
from microgov.contracts.receipt import Receipt
from microgov.services.chassis.errors import Problem
from microgov.services.issues.deliberation.ballots import sealing
from microgov.stories.story import Step, Story, Wait
from microgov.text.sentences import Sentence, hour, sentence_of


class StoryMismatch(Problem):
    """A step had another outcome than the story expects."""


class Player:
    """Plays stories with one client. `lang` is zh, en, or None for Chinese with English below it."""

    def __init__(self, client: Client, console: Console, lang: str | None = None) -> None:
        self.client, self.console, self.lang = client, console, lang
        self.now: datetime | None = None

    async def play(self, story: Story) -> int:
        """Plays every step, and waits for the effect of each command. Returns the number of steps, questions included.

        Raises StoryMismatch if a step has another outcome than the story expects.
        """
        self.console.rule(" · ".join(story.title.lines(self.lang)))
        sent = 0
        for step in story.steps:
            if isinstance(step, Wait):
                self._line("⏳", step.text, "cyan")
                await simulated_clock.advance(self.client, step.until, self._clock)
            else:
                await self._step(step)
                sent += 1
        await self.client.settle()
        return sent

    def _clock(self, at: datetime) -> None:
        self._line("  ⏱", Sentence(f"时钟：{hour(at)}", f"the clock: {hour(at)}"), "dim cyan")

    async def _step(self, step: Step) -> None:
        if step.when_idle:
            await self.client.settle()
        self._line("●", step.text, "bold")
        whom = f" · {step.on_behalf_of}" if step.on_behalf_of else ""
        asked = f"  → {type(step.message).__name__} {step.subject} · {step.by}{whom}"
        self.console.print(Text(asked, style="dim"), overflow="ellipsis", no_wrap=True)
        if isinstance(step.message, Question):
            await self.client.settle()
            await self.client.ask("issues", step.message)
            return
        message = await self._sealed(step) if step.sealed else step.message
        receipt = await self.client.send(
            message, step.subject, step.by, step.role, step.on_behalf_of, step.id
        )
        if receipt.status == "rejected":
            self._refused(step, receipt)
            return
        effect = await self.client.reaction(receipt)
        if effect is None:
            raise StoryMismatch(f"{step.text.zh} 没有任何结果。", f"Nothing came of it: {step.text.en}")
        self._effect(step, effect)

    async def _sealed(self, step: Step) -> issues.CastVote:
        """Waits until the teller has made the ballot's key, then seals the choice to it."""
        await self.client.settle()
        asked = await self.client.ask("issues", issues.ShowBallot(ballot=step.subject))
        seal, vote = issues.BallotShown.model_validate_json(json.dumps(asked)).seal, step.message
        if (
            seal is None
            or not isinstance(vote, issues.CastVote)
            or not isinstance(vote.choice, issues.OpenChoice)
        ):
            raise StoryMismatch(
                f"{step.subject} 没有密钥，无法密封。", f"{step.subject} has no key to seal a vote to."
            )
        text, person = sealing.one_of(vote.choice.option), step.on_behalf_of or step.by
        box = sealing.seal(seal.public, seal.length, step.subject, person, text)
        return vote.model_copy(update={"choice": issues.SealedChoice(kind="sealed", key=seal.key, box=box)})

    def _refused(self, step: Step, receipt: Receipt) -> None:
        words = Sentence(receipt.message.zh, receipt.message.en) if receipt.message else Sentence("–", "–")
        self._compare(step, receipt.code or "", words)
        self._line(
            "  ✗",
            Sentence(
                f"门户拒绝（{receipt.code}）：{words.zh}", f"the door rejects it ({receipt.code}): {words.en}"
            ),
            "yellow",
        )

    def _effect(self, step: Step, effect: Envelope[Message]) -> None:
        refusal = effect.data if isinstance(effect.data, CommandRefused | EventIgnored) else None
        words = Sentence(refusal.message.zh, refusal.message.en) if refusal else Sentence("–", "–")
        self._compare(step, refusal.code if refusal else None, words)
        self._line("  ✗" if refusal else "  ✓", sentence_of(effect), "yellow" if refusal else "green")

    def _compare(self, step: Step, code: str | None, words: Sentence) -> None:
        if code != step.refused:
            raise StoryMismatch(
                f"与故事不符：{step.text.zh} 应为 {step.refused or '成功'}，实为 {code or '成功'}：{words.zh}",
                f"Not as the story goes: {step.text.en} It should be {step.refused or 'done'}, "
                f"it was {code or 'done'}: {words.en}",
            )

    def _line(self, mark: str, text: Sentence, style: str) -> None:
        first, *rest = text.lines(self.lang)
        self.console.print(Text.assemble((f"{mark} ", style), (first, style)))
        for line in rest:
            self.console.print(Text(" " * (len(mark) + 1) + line, style="italic dim"))
