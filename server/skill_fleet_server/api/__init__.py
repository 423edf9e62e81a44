"""HTTP: one router per noun, and what every request goes through.

Translates between requests and the parts that `services` puts together; decides nothing about jobs itself.
May import everything of the server but the programs; imported by them alone.
"""
