"""What leads see and ask for: a board is brought in step with the workspace, and tags back."""
