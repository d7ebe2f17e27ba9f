"""The rig: real processes, real faults, and a ledger that counts what was lost, duplicated, stuck or out of order.

    servers ─ Rig (rig.py) ── process_keeper.py ── process.py: one process per service, restarted when it dies
                  │               └─ fault_actions.py, failing_handlers.py: where it dies, and at which messages
                  ├─ proxy.py: cuts connections, drops and delays frames
                  ├─ publisher.py: a program outside that sends, and sends again after a failure
                  ├─ idle.py: waits until no message is in flight any more
                  └─ auditor.py, ledger.py, expected_fold.py: what the log contains against what it must contain

`planted_bugs.py` holds planted bugs; `fold_in_process.py` and `gateway_in_process.py` run them in the process of the test,
`fold_scenarios.py` with crashes and pauses. The ledger must detect each of them (test_controls.py).
"""
