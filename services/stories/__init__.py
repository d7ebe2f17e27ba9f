"""Stories: what happens in a neighbourhood, as data, and a player that sends it through the front door."""
