"""The checks of the door on the form of a message, and the sentences with which it rejects one."""
