"""What we ask of Label Studio: projects, tasks, predictions, annotations. Knows its API; draws nothing."""
