"""Every message of microgov, for the services and for every program outside that speaks to them; needs pydantic alone."""

if __name__ != "microgov.contracts":
    raise ImportError(
        "import microgov.contracts: this folder is part of the package microgov, and has no name of its own"
    )
