"""The log on NATS JetStream: a connection, reading without gaps, appending in whole batches."""
