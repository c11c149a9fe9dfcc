"""What ``store`` and ``keys`` share: connections, statements and failures on SQLite and PostgreSQL."""
