"""Agreements as executable policy: what an instrument says, what it decides, why, and what an amendment changes."""
