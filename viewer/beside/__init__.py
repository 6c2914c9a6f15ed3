"""The objects beside the report: what was made of a case's images, by whom, where it stands, and how it looks."""
