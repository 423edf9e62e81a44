"""What is on the screen, one widget per module. Widgets read the store and own no truth.

Text reaches them as `text.styled` lines, `Content` or segments, never as a string that could be markup.
May import Textual, `text` and (for types only, so that the first paint is early) `store`.
"""
