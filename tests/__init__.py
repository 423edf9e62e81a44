"""Specifications of Skill Fleet. See CONTRIBUTING.md for what each folder holds."""
