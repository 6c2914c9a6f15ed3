"""After the signature: addenda above the locked original, corrections that supersede it, and withdrawal."""
