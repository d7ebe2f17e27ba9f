"""Issues 事项: matters that residents bring, their deliberation and votes, and what is done about them.

Owns: issues and the people concerned, topics and options, sessions with their attendance and minutes, councils,
round tables, disagreements, ballots, votes and counts of hands, resolutions and their action items; the keys of secret
ballots (kept); appeals, emergencies, mediations, time limits 时限, routing and returns, suspensions, withdrawals and
reopenings; the facts that rates count; rounds of visits and their lists; the files of households (kept).

Handles: every command of contracts/issues, and the reports of other systems; of the directory `PlaceDefined`,
`PersonRegistered`, `RoleGranted`, `RoleRevoked` and `RulesChanged`; of matching `OrganisationFiled` and the events of an
order that a visit requested; of notify `NoticeDelivered` and `NoticeUndeliverable`; the deadlines `ballot`,
`deliberation_due`, `dispatch`, `first_contact`, `mediation`, `re_review`, `report_back`, `review`, `round_table` and `term`.

Its edge makes the keys of secret ballots and counts their sealed votes (`BallotKeyMade`, `SecretBallotCounted`), and it
reports that a household file was kept, read or erased (`HouseholdFileKept`, `HouseholdFileRead`, `HouseholdFileErased`).

Answers: `ShowIssue`, `ShowBallot`, `ShowTopic`, `ShowRoundTable`, `ListIssues`, `ListDue`, `ShowRates`, `ShowAchieved`,
`ShowVisitRound`, `ShowVisit`, `ListVisits`; for the operator alone `KeepHouseholdFile`, `ReadHouseholdFile` and
`EraseHouseholdFile`.

Publishes: every event of contracts/issues.
"""
