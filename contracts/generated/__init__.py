"""What is written from the message classes: JSON schemas, AsyncAPI, the table of messages."""
