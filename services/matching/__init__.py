"""Matching 匹配: organisations offer, residents order, the branch assigns, people serve.

Owns: organisations, offers and their slots, orders, assignments and waiting lists, proposals.

Handles: every command of contracts/matching; of issues `VisitServiceRequested`; of the directory `PlaceDefined`,
`PersonRegistered` and `RulesChanged`; the deadlines `assignment`, `proposal` and `rating`.

Answers: `ShowOrder`, `PlanOrders`.

Publishes: every event of contracts/matching.
"""
