"""`microgov up`: runs the broker and the services on this machine, and restarts a process that ends unexpectedly."""
