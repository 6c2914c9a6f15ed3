"""Setting text on paper: embedded fonts that lose no glyph, lines in both directions, blocks. Pure."""
