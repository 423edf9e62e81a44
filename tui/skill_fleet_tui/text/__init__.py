"""Text that others wrote, made safe to show. Pure functions; imports the standard library only."""
