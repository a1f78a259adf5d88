"""Every change of the tables since the first, in order. Files in ``versions`` are never edited once released."""
