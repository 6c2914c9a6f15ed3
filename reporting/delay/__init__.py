"""Between signature and release: for some minutes a report may be recalled, and nothing of it leaves."""
