"""Matching 匹配: offers of organisations, orders of residents, their assignment by the branch, and the service itself.

Owns: organisations and other parties that serve or are served, providers with their qualifications and availability,
offers and their slots, orders, assignments and waiting lists, proposals, tasks, strikes and the ledger of hours, care
teams; and the pins of places, and the roles of people that matching checks.

Handles: every command of contracts/matching; of issues `VisitServiceRequested`; of the directory `PlaceDefined`,
`PersonRegistered`, `RoleGranted`, `RoleRevoked` and `RulesChanged`; the deadlines `assignment`, `proposal`,
`rating` and `care_role`.

Answers: `ListOrganisations`, `ListProviders`, `ListOffers`, `ListOrders`, `ListWaiting`; `ShowOrganisation`,
`ShowProvider`, `ShowOffer`, `ShowOrder`, `ShowHours`, `ShowWorkload`, `PlanOrders`, `ShowCareTeam`, `ListCareTeams` and
`GroupHouseholds`.

Publishes: every event of contracts/matching.
"""
