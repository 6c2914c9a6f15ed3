"""What was written of the same person before: beside the draft, and copied into it with its source."""
