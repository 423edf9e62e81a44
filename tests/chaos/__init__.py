"""Everything at once, from a seed: processes that die, networks that lie, people who answer twice."""
