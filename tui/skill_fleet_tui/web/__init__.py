"""The dashboard in a browser. Imported only by `skill-fleet-tui --web`; knows textual-serve, no other part does."""
