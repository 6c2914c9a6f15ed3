"""The servers that a test run starts for itself, on free ports, in temporary folders, and stops again by pid."""
