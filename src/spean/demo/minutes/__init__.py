"""The story "Minutes" (DOMAIN 8.1): a victim's transfer followed through three countries and stopped. All names are invented."""
