"""Files of a skill hold only what every file system and database takes."""

from skill_fleet_server.workflows.file_text import storable


def test_text_stays_as_it_is() -> None:
    assert storable("Grüße ✓\n\ttab\r\n") == "Grüße ✓\n\ttab\r\n"


def test_nul_and_half_a_surrogate_pair_are_replaced() -> None:
    assert storable("a\0b\ud83dc") == "a�b?c"
