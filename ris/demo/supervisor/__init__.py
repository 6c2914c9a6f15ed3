"""`make demo`: prepare the embedded installation and keep its processes running (DESIGN.md §7).

No Django in here: the supervisor only starts other programs, so that it comes up at once and survives them all.
"""
