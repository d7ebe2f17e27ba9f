"""Gateway 门户: the way in and the way out, and the directory of who is who.

Owns: places, persons, roles, publishers' grants and the rules of the house (the fold `directory`); what came in under
which id of its sender (the door); receipts and copies (the courier).

Handles: every command of contracts/directory.

Publishes: every event of contracts/directory; under the writer `gateway` whatever publishers may send.
"""
