"""Stories: what happens in a neighbourhood, as data. `microgov demo` sends it to the door, message by message."""

if __name__ != "microgov.stories":
    raise ImportError(
        "import microgov.stories: this folder is part of the package microgov, and has no name of its own"
    )
