"""The database: tables, mask chunks, the store and the queue. Refuses to know models and formats."""
