"""`make bench NAME=<name>`: one file `bench_<name>.py` each, run by pytest, no part of `make test` (DESIGN.md §9)."""
