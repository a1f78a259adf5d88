"""What only this sport knows: ball classes, the table, what is plausible on it."""
