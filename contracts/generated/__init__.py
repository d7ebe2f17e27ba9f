"""The files generated from the message classes (JSON schemas, AsyncAPI), and the code that generates them."""
