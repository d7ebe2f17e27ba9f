"""Steps which several stories about orders share."""

from collections.abc import Sequence
from typing import Any

from microgov.contracts import matching
from microgov.contracts.fields import Role
from microgov.stories.story import Story


def put_on_file(s: Story, zh: str, en: str, id: str, name: str, domain: str, rep: str, **more: Any) -> None:
    """The branch puts an organisation on file."""
    filing = matching.FileOrganisation.model_validate(
        {
            "name": name,
            "status": "filed",
            "domains": [domain],
            "places": [s.id("community")],
            "representatives": [s.id(rep)],
            **more,
        }
    )
    s.say(zh, en, filing, id, "branch")


def register_provider(
    s: Story, zh: str, en: str, person: str, society: str, rep: str, languages: Sequence[str] = ("mandarin",)
) -> None:
    """The representative registers a person who serves for an organisation, with the languages that the person speaks."""
    given = {"organisations": [s.id(society)], "roles": [Role.VOLUNTEER], "languages": list(languages)}
    s.say(zh, en, matching.RegisterProvider.model_validate(given), person, rep)


def publish_offer(s: Story, zh: str, en: str, id: str, society: str, rep: str, **values: Any) -> None:
    """The representative submits an offer of an organisation, and the branch publishes it."""
    offer = matching.SubmitOffer.model_validate(
        {"organisation": s.id(society), "place": s.id("community"), "slots": [], **values}
    )
    s.say(zh, en, offer, id, rep)
    s.say("党支部发布。", "The branch publishes it.", matching.PublishOffer(), id, "branch")


def accept_order(s: Story, id: str, reason: str = "情况属实") -> None:
    """The branch screens an order and accepts it."""
    s.say(
        "党支部审核通过。",
        "The branch screens it: accepted.",
        matching.ScreenOrder(accepted=True, reason=reason),
        id,
        "branch",
    )


def assign_order(s: Story, zh: str, en: str, id: str, society: str, reason: str, **more: Any) -> None:
    """The branch assigns an order to an organisation."""
    given = {"organisation": s.id(society), "reason": reason, "followed_suggestion": False, **more}
    s.say(zh, en, matching.AssignOrder.model_validate(given), id, "branch")
