"""What a person can do, and how they say so: one registry behind keys, bottom line, palette, typed commands and help.

May import the store, and Textual where bindings are. Knows no screen but by the names of actions.
"""
