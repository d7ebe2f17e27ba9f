"""Issues 事项: from what somebody brings to what was done about it, always by way of a deliberation.

Owns: issues and who is concerned by them, topics and options, sessions and minutes, ballots and votes, resolutions and
their action items; appeals, emergencies, mediations, clocks, routing and returns, holds, withdrawals and reopenings;
what the rates count.

Handles: every command of contracts/issues; of the directory `PlaceDefined`, `PersonRegistered` and `RulesChanged`; of
notify `NoticeDelivered` and `NoticeUndeliverable`; the deadlines `ballot`, `deliberation_due`, `dispatch`, `first_contact`,
`mediation`, `re_review`, `report_back` and `review`.

Answers: `ShowIssue`, `ListIssues`, `ShowTopic`, `ListDue`, `ShowRates`.

Publishes: every event of contracts/issues.
"""
