"""Precedent: incidents that a team has solved, turned into playbooks for the next time."""
