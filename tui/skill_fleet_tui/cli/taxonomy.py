"""`taxonomy`: show the categories of the library, and add to them."""

from skill_fleet_common.library import AddCategory, CategoryView, TaxonomyView
from skill_fleet_tui.cli.exits import Exit
from skill_fleet_tui.cli.session import Session
from skill_fleet_tui.cli.skills import counted
from skill_fleet_tui.client.skills import SkillsClient
from skill_fleet_tui.text.clean import clean_line


def show_taxonomy(session: Session) -> Exit:
    """Show every category, and how many skills are in it."""
    return _show(session, session.request(lambda api: SkillsClient(api).taxonomy()))


def add_category(session: Session, wish: AddCategory) -> Exit:
    """Add a category, or a subcategory of one."""
    found = session.request(lambda api: SkillsClient(api).add_category(wish))
    return _added(session, found, f"{wish.path} is a category now.")


def add_alias(session: Session, path: str, word: str) -> Exit:
    """Add another word for a category."""
    found = session.request(lambda api: SkillsClient(api).add_alias(path, word))
    return _added(session, found, f"{word} means {path} now.")


def _added(session: Session, found: TaxonomyView, said: str) -> Exit:
    if session.json:
        session.document(found)
    else:
        session.line(said)
    return Exit.OK


def _show(session: Session, found: TaxonomyView) -> Exit:
    if session.json:
        session.document(found)
        return Exit.OK
    for category in found.categories:
        _category(session, category)
    where = "the library's own list" if found.own else "the list that comes with the server"
    session.note(f"{counted(found.skills)}, by {where}.", "dim")
    return Exit.OK


def _category(session: Session, category: CategoryView) -> None:
    stray = "" if category.listed else "  not in the list: add it with skill-fleet taxonomy add, or move its skills"
    if session.out.is_terminal:
        indent = "  " * category.path.count("/")
        session.line(
            f"{indent}{category.path:<{34 - len(indent)}} {category.skills:>4}  {clean_line(category.title)}{stray}"
        )
    else:
        session.line("\t".join([category.path, str(category.skills), clean_line(category.title)]))
    for sub in category.subcategories:
        _category(session, sub)
