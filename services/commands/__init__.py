"""The command `microgov`, one file for each group of subcommands; `services/__main__.py` puts them together."""
