"""The backend that Label Studio calls: who may ask, what is answered, what is stored. Draws nothing and never asks Label Studio."""
