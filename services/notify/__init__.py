"""Notify 通知: makes notices from events, delivers them by notification channels, and writes the outcome into the log.

Owns: followers of matters, notices, deliveries; contact points and senders' claims (kept).

Handles: `RegisterContact`; the sender's `DeliverySucceeded`, `DeliveryFailed` and `DeliveryUnknown`; of the directory
`PlaceDefined`, `PersonRegistered` and `RulesChanged`; of issues and matching the events from which followers are learned,
and those of the table of notices; the deadline `retry`.

Answers: `ShowInbox`; stores a contact point (`SetContact`), for the operator alone.

Publishes: `ContactRegistered`, `NoticeDelivered`, `NoticeUndeliverable`.
"""
