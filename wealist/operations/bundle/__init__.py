"""What CodeDeploy installs on an instance: one bundle per service, and the commands that deploy it (section 7)."""
