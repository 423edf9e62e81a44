"""From a draft to a skill of the library, and back."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from skill_fleet_common.library import Change, Promote, Unpromoted
from skill_fleet_common.skills import Finding, Severity
from skill_fleet_server.errors import Invalid, NameTaken, NotADraft, NotFound, NotPromotable
from skill_fleet_server.library.aliases import without
from skill_fleet_server.library.contents import Contents, read_contents
from skill_fleet_server.library.counts import count
from skill_fleet_server.library.disk import remove, write_file, write_files
from skill_fleet_server.library.drafts import EVIDENCE
from skill_fleet_server.library.journal import Step
from skill_fleet_server.library.library import Library
from skill_fleet_server.library.paths import check_job_id, check_name
from skill_fleet_server.library.revisions import Note
from skill_fleet_server.library.stamp import taxonomy_of, with_name, with_taxonomy
from skill_fleet_server.quality.engine import DRAFT, check_skill
from skill_fleet_server.quality.routing import Listed
from skill_fleet_server.quality.similarity import TOO_ALIKE, overlapping
from skill_fleet_server.quality.skill import MAIN_FILE


def promote(library: Library, job_id: str, wish: Promote, *, by: str) -> str:
    """Make a job's draft a skill of the library; the draft is gone then. Sent again, it finds the skill.

    Returns:
        The skill's name.

    Raises:
        NotFound: If the job has no draft.
        Invalid: If the name, the category or a file does not do.
        NotPromotable: If rules find errors or it overlaps with another skill, and `force` is not set.
        NameTaken: If the library has a skill of its name, and `replace` is not set.
        LibraryUnwritable: If the disk does not let it.
    """
    check_job_id(job_id)
    with library.change() as staging:
        try:
            draft = library.drafts.find(job_id)
        except NotFound:
            if done := _promoted_from(library, job_id):
                return done
            raise
        name, contents = _named(draft, wish.name)
        place = library.catalog.find(name) if library.catalog.has(name) else None
        if place and not wish.replace:
            raise NameTaken(
                f"The library has a skill {name} already, in {place.taxonomy_path}. Promote the draft under another "
                "name, or make it the next revision of that skill."
            )
        if place and wish.taxonomy_path not in (None, place.taxonomy_path):
            raise Invalid(f"{name} is in {place.taxonomy_path}. Replace it there, and move it afterwards.")
        path = place.taxonomy_path if place else _category(library, wish.taxonomy_path, contents)
        contents = stamped(contents, path)
        if not wish.force:
            _check(library, name, contents)
        if place:
            contents = contents.with_bits_of(library.read(place))
        write_files(staging / "new", contents.files, contents.executable)
        note = note_of(
            Change.PROMOTED, by, name, contents, job_id=job_id, note="in place of the one before" if place else ""
        )
        new = Step(staging / "new", place.directory if place else library.folder(path, name))
        evidence = library.drafts.evidence(job_id)
        if place:
            kept = library.revisions.supersede(staging, place.directory, note, evidence)
        else:
            kept = library.revisions.begin(staging, name, note, evidence)
        aliases = library.aliases.steps(without(library.aliases.all(), name), staging)
        library.commit([*kept, new, *aliases], discard=[library.drafts.folder(job_id)])
        return name


def unpromote(library: Library, name: str) -> Unpromoted:
    """Take a promotion back: the skill is the job's draft again, and a revision that it replaced is the skill again.

    Raises:
        NotFound, NameTaken: As `Catalog.find` does.
        NotADraft: If it did not come from a draft, or there is one in its place.
        LibraryUnwritable: If the disk does not let it.
    """
    with library.change() as staging:
        place = library.catalog.find(name)
        actual = place.directory.name
        last, note = _promotion(library, actual)
        before = library.revisions.folder(actual) / str(note.revision - 1)
        if note.revision > 1 and (last is not note or not before.is_dir()):
            raise NotADraft(f"{actual} has changed since it was promoted; remove it, or promote another draft over it.")
        draft = library.drafts.folder(note.job_id) / actual
        if draft.exists() or draft.is_symlink():
            raise NotADraft(f"The job {note.job_id} has a draft {actual} in its place; promote or remove that first.")
        contents = library.read(place)
        scratch = _scratch(draft.parent)
        try:
            write_files(scratch / "new", contents.files, contents.executable)
            steps = [Step(place.directory, staging / "old"), Step(scratch / "new", draft)]
            steps += _evidence_back(library, staging, scratch, note.job_id, actual)
            if note.revision > 1:
                steps += [Step(before, place.directory), *library.revisions.drop(staging, actual, note)]
            else:
                steps += [Step(library.revisions.folder(actual), staging / "revisions")]
                left = {alias: target for alias, target in library.aliases.all().items() if target != actual}
                steps += library.aliases.steps(left, staging)
            library.commit(steps, discard=[scratch])
        except OSError:
            remove(scratch)
            raise
        draft_path = draft.relative_to(library.data_dir).as_posix()
        return Unpromoted(name=actual, job_id=note.job_id, draft_path=draft_path)


def _evidence_back(library: Library, staging: Path, scratch: Path, job_id: str, name: str) -> list[Step]:
    """The renames that put what is known of a skill beside the draft that it becomes."""
    beside = library.drafts.folder(job_id) / EVIDENCE
    steps = [Step(beside, staging / "evidence.old")] if os.path.lexists(beside) else []
    if (evidence := library.revisions.evidence(name)) is not None:
        write_file(scratch / EVIDENCE, evidence.encoded())
        steps.append(Step(scratch / EVIDENCE, beside))
    return steps


def stamped(contents: Contents, path: str) -> Contents:
    """The files with the category in SKILL.md, where it can be written there without touching more."""
    return contents.with_texts({MAIN_FILE: with_taxonomy(contents.texts[MAIN_FILE], path)})


def renamed(contents: Contents, name: str) -> Contents:
    """The files with another name in SKILL.md.

    Raises:
        Invalid: If its frontmatter has no name that could be replaced.
    """
    text = with_name(contents.texts[MAIN_FILE], name)
    if text is None:
        raise Invalid("The frontmatter of SKILL.md has no name that can be replaced; correct it there first.")
    return contents.with_texts({MAIN_FILE: text})


def _named(draft: Path, wanted: str | None) -> tuple[str, Contents]:
    contents = read_contents(draft)
    if contents.left_out:
        raise Invalid(f"The draft holds what is not part of a skill. {contents.left_out[0]}. Remove it from the draft.")
    if MAIN_FILE not in contents.files:
        raise NotFound(f"The draft {draft.name} has no SKILL.md.")
    if wanted is None or wanted == draft.name:
        return check_name(draft.name), contents
    return check_name(wanted), renamed(contents, wanted)


def _category(library: Library, wanted: str | None, contents: Contents) -> str:
    path = wanted or taxonomy_of(contents.skill())
    if not path:
        raise Invalid("The draft does not say which category it belongs to; name one.")
    return library.check_category(path)


def _check(library: Library, name: str, contents: Contents) -> None:
    skill = contents.skill(name)
    errors = [found for found in check_skill(skill, DRAFT) if found.severity is Severity.ERROR]
    if errors:
        raise NotPromotable(_errors_said(errors), findings=[each.model_dump(mode="json") for each in errors])
    others = [Listed(each.name, each.description) for each in library.catalog.entries()]
    if near := overlapping(Listed(name, skill.string("description") or ""), others, TOO_ALIKE):
        said = ", ".join(f"{other} ({value:.0%})" for other, value in near)
        raise NotPromotable(
            f"Its name and description are too much like those of {said}; an agent could not tell them apart. Say in "
            "the description what is different, make it the next revision of that skill, or force it.",
            overlaps=[{"name": other, "likeness": round(value, 3)} for other, value in near],
        )


def _errors_said(errors: list[Finding]) -> str:
    first = " ".join(f"{each.path}{f':{each.line}' if each.line else ''} {each.message}" for each in errors[:3])
    more = f" (and {len(errors) - 3} more)" if len(errors) > 3 else ""
    return f"Rules find errors: {first}{more} Put them right in the draft, or force it."


def _promotion(library: Library, name: str) -> tuple[Note, Note]:
    """The newest revision, and the newest that was promoted."""
    notes = library.revisions.notes(name)
    for note in reversed(notes):
        if note.change is Change.PROMOTED and note.job_id:
            return notes[-1], note
    raise NotADraft(f"{name} did not come from a draft. Remove it instead; it can be restored.")


def _promoted_from(library: Library, job_id: str) -> str | None:
    """The skill that a job's draft has become."""
    for directory, _ in library.catalog.places():
        if any(note.job_id == job_id for note in library.revisions.notes(directory.name)):
            return directory.name
    return None


def note_of(change: Change, by: str, name: str, contents: Contents, *, job_id: str = "", note: str = "") -> Note:
    """A note on a revision of a skill of that name. Its number is given to it when it is kept."""
    return Note(
        revision=1,
        change=change,
        at=datetime.now(UTC),
        by=by,
        job_id=job_id,
        note=note,
        digest=contents.digest,
        counts=count(name, contents),
    )


def _scratch(job_dir: Path) -> Path:
    """A hidden folder where the draft goes, on its file system."""
    job_dir.mkdir(parents=True, exist_ok=True)
    for left_over in job_dir.glob(".new-*"):
        remove(left_over)
    return Path(tempfile.mkdtemp(prefix=".new-", dir=job_dir))
