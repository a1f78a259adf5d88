"""What workers do: act on what people did, and bring tasks in step. Knows the workflows; answers no request."""
