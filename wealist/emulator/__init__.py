"""The embedded AWS: moto with corrections, in a process on this machine."""
