"""The command `microgov`, one file for each group of subcommands; `microgov/__main__.py` puts them together."""
