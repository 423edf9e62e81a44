"""Skills on disk: drafts that jobs write, the library they are promoted to, and the categories it is ordered by.

The folder is the truth. `library` is what reading and changing it stand on, `journal` makes each change whole or none;
`promotion`, `changes`, `categories` and `importing` are the changes, `exploring` and `exporting` only read. Names and
paths are checked before they touch the file system, and no symbolic link is followed out of a root. Synchronous:
callers on an event loop use a thread. May import `skill_fleet_common`, `errors`, `grounding` and `quality`.
"""

from skill_fleet_server.library.catalog import Catalog, Entry
from skill_fleet_server.library.drafts import Drafts
from skill_fleet_server.library.paths import check_files, check_job_id, check_name, check_path
from skill_fleet_server.library.taxonomy import Category, Taxonomy

__all__ = [
    "Catalog",
    "Category",
    "Drafts",
    "Entry",
    "Taxonomy",
    "check_files",
    "check_job_id",
    "check_name",
    "check_path",
]
