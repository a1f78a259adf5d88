"""One module per change; ``db.schema`` runs them."""
