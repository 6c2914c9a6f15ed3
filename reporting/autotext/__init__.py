"""Words that a reader types by a keyword: `.normal` and the Tab key."""
