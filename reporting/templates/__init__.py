"""Report templates as data: what they hold, how they travel, what is computed. Pure: no Django, no socket."""
