"""What a task shows: controls, predictions, events, links. Knows what Label Studio displays, and refuses to ask it."""
