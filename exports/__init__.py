"""Dataset formats, one file each, and the verification of what was written. Refuses to know the database."""
