"""Whose images are these? Studies that fit no order by themselves, and what people decided about them."""
