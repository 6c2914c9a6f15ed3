"""Several reports signed with one proof of who signs; each with a signature of its own."""
