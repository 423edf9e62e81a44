"""The parts of the documentation that the code knows better: `make docs` runs this.

Whole pages (settings, commands, keys, rules) and marked sections of pages that people write. Everything is read
from the code at run time, so a page that says something else is out of date, and a test says so.
"""
