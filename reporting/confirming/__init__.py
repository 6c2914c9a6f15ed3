"""An attending confirms a resident's preliminary report: what changed, how much it matters, or back to its author."""
