"""How far the dataset is, at what pace, by whom, and what a lead should look at. Pure."""
