"""The rig: real processes, real faults, and a ledger that counts what was lost, doubled, stuck, half or out of order.

    servers ─ Rig (rig.py) ── keeper.py ── process.py: one process per service, brought back when it dies
                  │               └─ fault_points.py, mishaps.py: where it dies, and at which messages
                  ├─ proxy.py: cuts connections, swallows and stalls frames
                  ├─ loader.py: a program outside that sends, and sends again after a failure
                  ├─ calm.py: waits until nothing is on its way any more
                  └─ hours.py, fresh.py: what stands in the log against what must stand there

`bugs.py` holds planted bugs, `bench.py` runs them in this process; each must be caught (test_controls.py).
"""
