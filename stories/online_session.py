"""A session without any difficulty: three days online, everybody agrees, the minutes are confirmed."""

from datetime import datetime, timedelta

from microgov.contracts import issues
from microgov.stories.story import Story
from microgov.stories.voting import open_ballot, vote_for

AGREEING = (("wang", "王阿姨", "Auntie Wang"), ("li", "李师傅", "Master Li"), ("zhang", "张女士", "Ms Zhang"))


def hold_agreeing_session(s: Story, n: str, start: datetime, option: str, minutes: str) -> None:
    """Adds the session, from `start` on, with a ballot on which all agree with `option`.

    `n` is appended to the ids of topic, session and ballot, for a story that has several.
    """
    topic, session, ballot = (f"{name}{n}" for name in ("topic", "session", "ballot"))
    convening = issues.ConveneSession(
        session=s.id(session), kind="micro_topic", opens_at=start, closes_at=start + timedelta(days=3)
    )
    s.say("召集线上议事，为期三天。", "A session online, for three days.", convening, topic, "branch")
    s.wait("议事开始。", "The session opens.", start + timedelta(hours=1))
    open_ballot(s, session, ballot, start + timedelta(days=2))
    for name, zh, en in AGREEING:
        s.say(f"{zh}赞成。", f"{en} agrees.", vote_for(option), ballot, name)
    s.wait("两天后表决截止。", "Two days later the ballot closes.", start + timedelta(days=2, hours=1))
    s.say("小林起草记录。", "Lin drafts the minutes.", issues.DraftMinutes(text=minutes), session, "social")
    for name, zh, en in (AGREEING[0], AGREEING[2]):
        s.say(f"{zh}确认。", f"{en} confirms.", issues.ConfirmMinutes(channel="app"), session, name)
