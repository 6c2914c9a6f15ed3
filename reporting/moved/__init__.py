"""Images that were moved away from a signed report: said to whoever reads it, and told to who signed it."""
