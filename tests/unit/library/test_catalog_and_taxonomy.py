"""The library is what is on disk, ordered by a closed list of categories."""

from pathlib import Path

import pytest

from skill_fleet_server.errors import TaxonomyUnreadable
from skill_fleet_server.library import Catalog, Taxonomy
from skill_fleet_server.library.catalog import Entry


def put(data_dir: Path, path: str, text: str = '---\nname: x\ndescription: "Does\n  things."\n---\n') -> None:
    directory = data_dir / "library" / path
    directory.mkdir(parents=True)
    (directory / "SKILL.md").write_text(text)


def test_skills_lie_in_a_category_or_a_subcategory(tmp_path):
    put(tmp_path, "data/cleaning-tables")
    put(tmp_path, "development/python/writing-tests")
    assert Catalog(tmp_path).entries() == [
        Entry("cleaning-tables", "Does things.", "data"),
        Entry("writing-tests", "Does things.", "development/python"),
    ]


def test_an_empty_or_missing_library_has_no_skills(tmp_path):
    assert Catalog(tmp_path).entries() == []
    (tmp_path / "library").mkdir()
    assert Catalog(tmp_path).entries() == []


def test_what_is_no_skill_is_passed_over_and_a_broken_one_is_still_listed(tmp_path):
    put(tmp_path, "data/broken", "\x00---\n: [")
    put(tmp_path, "data/a/b/too-deep")
    put(tmp_path, "data/.hidden")
    put(tmp_path, "_archive/old")
    (tmp_path / "library/data/notes.txt").write_text("x")
    assert Catalog(tmp_path).entries() == [Entry("broken", "", "data")]


def test_links_are_not_followed(tmp_path):
    put(tmp_path / "elsewhere", "data/secret")
    put(tmp_path, "data/real")
    (tmp_path / "library/data/linked").symlink_to(tmp_path / "elsewhere/library/data/secret", target_is_directory=True)
    (tmp_path / "library/data/real/SKILL.md").unlink()
    (tmp_path / "library/data/real/SKILL.md").symlink_to(tmp_path / "elsewhere/library/data/secret/SKILL.md")
    assert Catalog(tmp_path).entries() == []


def test_the_seed_is_a_dozen_described_categories(tmp_path):
    seed = Taxonomy.load(tmp_path)
    assert len(seed.categories) == 12
    assert len(set(seed.paths())) == len(seed.paths())
    assert all(each.title and each.description and each.aliases and each.examples for each in seed.categories)
    assert seed.contains("writing-docs")
    assert not seed.contains("cooking")
    assert not seed.contains("")


def own(tmp_path: Path, text: str) -> Path:
    (tmp_path / "library").mkdir()
    (tmp_path / "library/taxonomy.yaml").write_text(text)
    return tmp_path


def test_a_librarys_own_list_replaces_it(tmp_path):
    soup = "  subcategories:\n  - {slug: soup, title: Soup, description: y}\n"
    text = f"- slug: food\n  title: Food\n  description: x\n{soup}"
    taxonomy = Taxonomy.load(own(tmp_path, text))
    assert taxonomy.paths() == ["food", "food/soup"]
    assert taxonomy.contains("food/soup")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- slug: Not A Slug\n  title: x\n  description: y\n", "0.slug"),
        ("- slug: a\n", "0.title"),
        ("a: [", "library/taxonomy.yaml cannot be read"),
        ("text", "valid list"),
        ("[" * 5_000, "cannot be read"),
        ("x" * 300_000, "larger than"),
    ],
)
def test_a_list_that_cannot_be_read_says_where_and_what_to_do(tmp_path, text, said):
    with pytest.raises(TaxonomyUnreadable, match=said):
        Taxonomy.load(own(tmp_path, text))
