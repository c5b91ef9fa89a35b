"""The verdict: an index of perimeters, one decision function, and its evidence."""
