"""One module per kind of SR. Each reader is pure and may decline."""
