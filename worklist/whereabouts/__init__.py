"""Where is it? One sentence for any exam: what it waits for, who can act, since when. `rules` is pure data."""
