"""What is proved of each format on disk, a module for each, and what they share. Changes nothing."""
