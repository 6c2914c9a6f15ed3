"""What stands at the head of a site's reports beside its name and address."""
