"""The SQL for an environment's databases and their owners (architecture, section 5), which operators pipe to psql."""
