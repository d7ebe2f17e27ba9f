"""`microgov up`: runs the broker and the services on this machine and restarts them if they die."""
