"""Notify 通知: events become notices, and notices deliveries; what became of them goes back into the log.

Owns: who follows what, notices, deliveries; contact points and senders' claims (kept).

Handles: `RegisterContact`; the sender's `DeliverySucceeded`, `DeliveryFailed` and `DeliveryUnknown`; of the directory
`PlaceDefined`, `PersonRegistered` and `RulesChanged`; of issues and matching the events that say who is concerned, and
those of the table of notices; the deadline `retry`.

Answers: `ShowInbox`; keeps what `SetContact` says, for the operator alone.

Publishes: `ContactRegistered`, `NoticeDelivered`, `NoticeUndeliverable`.
"""
