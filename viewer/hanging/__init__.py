"""How images are laid out and windowed: rows of the admin, as protocols that OHIF understands."""
