"""One sentence for any exam."""
