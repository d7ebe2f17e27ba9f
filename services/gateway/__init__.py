"""Gateway 门户: checks the messages of publishers and writes them into the log, answers publishers, and keeps the directory
of persons and roles.

Owns: places, persons, roles, publishers' grants and the tenant's rules (the fold `directory`); the ids of the messages that
publishers have sent (the door); receipts and copies of events (door and courier).

Handles: every command of contracts/directory.

Publishes: every event of contracts/directory; under the writer `gateway` everything that publishers may send.
"""

FOLD, WRITERS = "directory", ("gateway", "directory")
