"""Reports on paper: one or a ward's in one file; what was printed before says so."""
