"""The client's side of the wire: requests, the event stream, and finding or starting a local server.

`errors` and `states` are light and say what can happen; `api`, `sse`, `stream` and `local` need httpx and
are imported when the first request is near. May import `skill_fleet_common`, `text` and `settings`; knows
neither Textual nor the command line.
"""
