"""The terminal around the dashboard: lent to an editor or a pager, told of questions, given back at the end."""
