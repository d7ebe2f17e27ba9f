"""Issues 事项: from what somebody brings to what was done about it, always by way of a deliberation.

Owns: issues and who is concerned by them, topics and options, sessions, who came to them and their minutes, councils,
round tables, disagreements, ballots, votes and counts of hands, resolutions and their action items; the keys of secret
ballots; appeals, emergencies, mediations, clocks, routing and returns, holds, withdrawals and reopenings; what the rates
count; rounds of visits and their lists; the files of households (kept).

Handles: every command of contracts/issues, and what other systems say there; of the directory `PlaceDefined`,
`PersonRegistered`, `RoleGranted`, `RoleRevoked` and `RulesChanged`; of matching `OrganisationFiled` and what becomes of an
order that a visit asked for; of notify `NoticeDelivered` and `NoticeUndeliverable`; the deadlines `ballot`,
`deliberation_due`, `dispatch`, `first_contact`, `mediation`, `re_review`, `report_back`, `review`, `round_table` and `term`.

Its edge makes the key of a secret ballot and counts its boxes: `BallotKeyMade`, `SecretBallotCounted`. It tells that a
household file was kept, read or erased: `HouseholdFileKept`, `HouseholdFileRead`, `HouseholdFileErased`.

Answers: `ShowIssue`, `ShowBallot`, `ShowTopic`, `ShowRoundTable`, `ListIssues`, `ListDue`, `ShowRates`, `ShowAchieved`,
`ShowVisitRound`, `ShowVisit`, `ListVisits`; for the operator alone `KeepHouseholdFile`, `ReadHouseholdFile` and
`EraseHouseholdFile`.

Publishes: every event of contracts/issues.
"""
