"""The dashboard at work: its session with a server, or a recording that is played instead."""
