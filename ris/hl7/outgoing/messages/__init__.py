"""From plain values to messages: which field holds what, with its source. Pure: no Django, no socket."""
