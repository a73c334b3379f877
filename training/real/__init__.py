"""Real photos: the frozen split, their plain labels, and the held-out suite."""
