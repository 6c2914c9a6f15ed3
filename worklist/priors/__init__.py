"""Which earlier exams are wanted beside this one: anatomy and ranking as pure data; `earlier` asks the rows."""
