"""Gateway 门户: checks what programs send into the log, answers them, and keeps the directory of persons and roles.

Owns: places, persons, roles, publishers' grants and the tenant's rules (the fold `directory`); the ids of the messages that
publishers have sent (the door); receipts and copies of events (the courier).

Handles: every command of contracts/directory.

Publishes: every event of contracts/directory; under the writer `gateway` everything that publishers may send.
"""
