"""The databases of an environment and their owners (architecture, section 5), as SQL that an operator gives to psql."""
