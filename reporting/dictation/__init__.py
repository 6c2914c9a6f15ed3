"""Dictation: a recording for a section of a draft, typed by somebody else, checked by its author, then deleted.

Off until a site switches it on. What is pasted or dictated through the operating system needs none of it.
"""
