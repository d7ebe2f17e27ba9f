"""`microgov up`: the broker and the services on this machine, kept alive."""
