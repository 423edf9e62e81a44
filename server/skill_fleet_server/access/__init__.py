"""Principals: who asks, and what they may do. May import the database."""
