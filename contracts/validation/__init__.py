"""What the door asks of a message, and the sentences in which it refuses one."""
