"""The card that every dataset carries: words, plots and sample pictures."""
