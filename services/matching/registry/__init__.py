"""Who there is: organisations and other parties, providers and what they may do."""
