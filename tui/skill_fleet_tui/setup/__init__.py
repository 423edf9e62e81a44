"""What was set and what is remembered: flags, environment, the settings file, the state file. Knows no screen."""
