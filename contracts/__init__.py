"""All messages of microgov, for the services and for programs outside which exchange messages with them.

Needs pydantic and nothing else.
"""

if __name__ != "microgov.contracts":
    raise ImportError(
        "import microgov.contracts: this folder is part of the package microgov, and has no name of its own"
    )
