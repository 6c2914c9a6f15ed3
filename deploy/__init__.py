"""Bringing Isocenter onto a machine: set-up, and the configurations of what stands around it."""
