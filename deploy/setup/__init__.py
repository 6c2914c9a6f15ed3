"""What `make` runs before the virtual environment exists: standard library only, any Python from 3.11 on."""
