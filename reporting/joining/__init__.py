"""Two texts of one draft: what the server has, and what a page has that began before it was saved."""
