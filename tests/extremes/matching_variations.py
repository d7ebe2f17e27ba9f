"""Variations of the stories of services: they send commands about offers, providers and teams which no recording has."""

from microgov.contracts import directory, matching
from tests.extremes.variation import Variation

ORGANISATION_FILED, OFFER_SUBMITTED, OFFER_PUBLISHED, SLOT_TAKEN, PROPOSAL_ACCEPTED = 53, 55, 57, 84, 104
"""Sequences in the recording `order` of FileOrganisation, SubmitOffer, PublishOffer, the AssignOrder that finds the slot
full, and AcceptProposal."""
SECOND_HOUSEHOLD_JOINED = 96
"""The sequence of the second JoinCareTeam in the recording `careteam`."""
LAWYER_GAO_VERIFIED = 81
"""The sequence of VerifyQualification about the second lawyer in the recording `advice`."""
AFTER_SERVICE = 24 * 8
"""Hours from AcceptProposal (2 March, 8:00 local time) until the day after the service (9 March)."""
LAWYER = matching.Qualification.model_validate({"kind": "check", "name": "lawyer"})
SATURDAY = 6
WEEK = {"weekly": [{"weekday": SATURDAY, "from_minute": 0, "to_minute": 24 * 60}], "days_off": ["2026-03-08"]}
OFFER = {"organisation": "order-society", "title": "修门", "module": "repair", "place": "order-community"}
SLOT = matching.Slot.model_validate_json(
    '{"slot":"late","starts":"2026-03-20T00:00:00Z","ends":"2026-03-20T02:00:00Z","place":"order-community","capacity":2}'
)


MATCHING_VARIATIONS = (
    Variation(
        "order",
        ORGANISATION_FILED,
        [
            (0, matching.RegisterOrganisation(), "order-society", "order-branch"),
            (
                0,
                matching.ChangeOrganisationStage(stage="dormant", reason="休整"),
                "order-society",
                "order-branch",
            ),
            (
                0,
                matching.ChangeOrganisationStage(stage="active", reason="恢复"),
                "order-society",
                "order-branch",
            ),
        ],
    ),
    Variation(
        "order",
        ORGANISATION_FILED,
        [
            (0, matching.DraftOffer.model_validate({**OFFER, "slots": [SLOT]}), "drafted", "order-rep"),
            (0, matching.SubmitOffer.model_validate({**OFFER, "slots": [SLOT]}), "drafted", "order-rep"),
        ],
    ),
    Variation(
        "order",
        SLOT_TAKEN,
        [
            (0, matching.AddSlots(slots=[SLOT]), "order-offer", "order-rep"),
            (0, matching.CancelSlot(slot="morning", reason="停电"), "order-offer", "order-rep"),
        ],
    ),
    Variation(
        "order", OFFER_SUBMITTED, [(0, matching.RejectOffer(reason="不完整"), "order-offer", "order-branch")]
    ),
    Variation("order", OFFER_SUBMITTED, [(0, matching.WithdrawOffer(), "order-offer", "order-rep")]),
    Variation(
        "order",
        OFFER_PUBLISHED,
        [
            (0, matching.PauseOffer(), "order-offer", "order-rep"),
            (0, matching.ResumeOffer(), "order-offer", "order-rep"),
        ],
    ),
    Variation("order", PROPOSAL_ACCEPTED, [(0, matching.CloseOffer(), "order-offer", "order-branch")]),
    Variation(
        "order",
        PROPOSAL_ACCEPTED,
        [
            (
                0,
                matching.ReplacePerson(by="again", person="order-wang", reason="换"),
                "order-proposal",
                "order-rep",
            )
        ],
    ),
    Variation(
        "order",
        PROPOSAL_ACCEPTED,
        [(AFTER_SERVICE, matching.ReportNoShow(note="没来"), "order-proposal", "order-rep")],
    ),
    Variation(
        "careteam",
        SECOND_HOUSEHOLD_JOINED,
        [
            (0, matching.VacateCareRole(role="dasao", reason="搬走"), "careteam-team", "careteam-branch"),
            (0, matching.DissolveCareTeam(reason="合并"), "careteam-team", "careteam-branch"),
        ],
    ),
    Variation(
        "advice",
        LAWYER_GAO_VERIFIED,
        [
            (0, matching.SetAvailability.model_validate(WEEK), "advice-gao", "advice-rep"),
            (0, matching.WithdrawAvailability(), "advice-gao", "advice-rep"),
            (
                0,
                matching.RevokeQualification(qualification=LAWYER, reason="过期"),
                "advice-xu",
                "advice-branch",
            ),
            (0, matching.WithdrawProvider(), "advice-xu", "advice-rep"),
        ],
    ),
    Variation("advice", LAWYER_GAO_VERIFIED, [(0, directory.WithdrawPublisher(), "cli", "office")]),
)
