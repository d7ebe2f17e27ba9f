"""The services: gateway, issues, matching, notify; and the chassis that all of them run on."""

if __name__ != "microgov.services":
    raise ImportError(
        "import microgov.services: this folder is part of the package microgov, and has no name of its own"
    )
