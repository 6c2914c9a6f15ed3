"""One module for each type: what a person may see of it, the facts of a row, and what can be searched for."""
