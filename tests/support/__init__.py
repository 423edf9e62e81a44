"""Parts that tests share: builders of events, a real server process, a stub of a model provider."""
