"""Makes Midshire, a fictitious place that no list, price or name of any real place went into."""
