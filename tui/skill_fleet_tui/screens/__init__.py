"""Screens: what widgets stand where, and which key does what to them. May import Textual, widgets and the registry."""
