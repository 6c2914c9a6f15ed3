"""The reading list: who may narrow it how, what is due when, which case is next."""
