"""Keeping a node alive: clocks, alarms, keys, logs, backup and restore, health."""
