"""Stories: what happens in a neighbourhood, as data, and a player that sends it through the front door."""

if __name__ != "microgov.stories":
    raise ImportError(
        "import microgov.stories: this folder is part of the package microgov, and has no name of its own"
    )
