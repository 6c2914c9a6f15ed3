"""Pages of the schedule: the board, the calendar, single appointments, hours."""
