"""Emergency access ("break the glass"): a study of others is seen for a while, with a reason, and reviewed."""
