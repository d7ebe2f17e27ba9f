"""What stories about orders have in common: put on file, offered, ordered, screened, assigned, taken on."""

from collections.abc import Sequence
from typing import Any

from microgov.contracts import matching
from microgov.contracts.fields import Role
from microgov.stories.story import Story


def filed(s: Story, zh: str, en: str, id: str, name: str, domain: str, rep: str, **more: Any) -> None:
    """The branch puts an organisation on file."""
    filing = matching.FileOrganisation.model_validate(
        {"name": name, "status": "filed", "domains": [domain], "places": [s.id("community")],
         "representatives": [s.id(rep)], **more}
    )  # fmt: skip
    s.say(zh, en, filing, id, "branch")


def enrolled(
    s: Story, zh: str, en: str, person: str, society: str, rep: str, languages: Sequence[str] = ("mandarin",)
) -> None:
    """Somebody is registered to serve for it."""
    given = {"organisations": [s.id(society)], "roles": [Role.VOLUNTEER], "languages": list(languages)}
    s.say(zh, en, matching.RegisterProvider.model_validate(given), person, rep)


def offered(s: Story, zh: str, en: str, id: str, society: str, rep: str, **values: Any) -> None:
    """It posts an offer, and the branch publishes it."""
    offer = matching.SubmitOffer.model_validate(
        {"organisation": s.id(society), "place": s.id("community"), "slots": [], **values}
    )
    s.say(zh, en, offer, id, rep)
    s.say("党支部发布。", "The branch publishes it.", matching.PublishOffer(), id, "branch")


def screened(s: Story, id: str, reason: str = "情况属实") -> None:
    """The branch finds it true."""
    s.say(
        "党支部审核通过。",
        "The branch screens it: accepted.",
        matching.ScreenOrder(accepted=True, reason=reason),
        id,
        "branch",
    )


def assigned(s: Story, zh: str, en: str, id: str, society: str, reason: str, **more: Any) -> None:
    """The branch says who serves it."""
    given = {"organisation": s.id(society), "reason": reason, "followed_suggestion": False, **more}
    s.say(zh, en, matching.AssignOrder.model_validate(given), id, "branch")
