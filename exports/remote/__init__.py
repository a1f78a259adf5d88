"""Datasets in object stores: sent, checked and fetched, version by version."""
