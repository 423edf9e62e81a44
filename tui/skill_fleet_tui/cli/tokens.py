"""`tokens`: who may ask the server, and what for."""

from pydantic import ValidationError

from skill_fleet_common.access import CreateToken, Role, TokenInfo
from skill_fleet_tui.cli.exits import Exit
from skill_fleet_tui.cli.session import Session
from skill_fleet_tui.client.errors import UsageProblem
from skill_fleet_tui.client.tokens import TokensClient


def list_tokens(session: Session) -> Exit:
    """List names, roles and ends."""
    tokens = session.request(lambda api: TokensClient(api).all())
    if session.json:
        session.document({"tokens": [token.model_dump(mode="json", exclude_none=True) for token in tokens]})
    elif not tokens:
        session.note("There is only the server's own token. Make one for a person: skill-fleet tokens add NAME")
    for token in [] if session.json else tokens:
        session.line(_line(token))
    return Exit.OK


def add_token(session: Session, name: str, role: Role, *, own_only: bool, days: float | None) -> Exit:
    """Make a token, and show it once.

    Raises:
        UsageProblem: If the name cannot be one.
    """
    try:
        wish = CreateToken(name=name, role=role, own_only=own_only, days=days)
    except ValidationError:
        raise UsageProblem(f"{name!r} cannot be a name: use small letters, digits, dots and hyphens.") from None
    made = session.request(lambda api: TokensClient(api).add(wish))
    if session.json:
        session.document(made)
        return Exit.OK
    session.note(f"{_line(made)}\nThis is shown once. Its bearer sets SKILL_FLEET_TOKEN to it:", "dim")
    session.line(made.token)
    return Exit.OK


def remove_token(session: Session, name: str) -> Exit:
    """Take a token back."""
    session.request(lambda api: TokensClient(api).remove(name))
    if session.json:
        session.document({"removed": name})
    else:
        session.line(f"{name} is not let in any more.")
    return Exit.OK


def _line(token: TokenInfo) -> str:
    own = ", own jobs only" if token.own_only else ""
    until = f", until {token.expires_at.astimezone():%Y-%m-%d %H:%M}" if token.expires_at else ""
    return f"{token.name:<24} {token.role}{own}{until}"
