"""Stories: scenes of a neighbourhood as lists of messages, which `microgov demo` sends to the door one by one."""

if __name__ != "microgov.stories":
    raise ImportError(
        "import microgov.stories: this folder is part of the package microgov, and has no name of its own"
    )
