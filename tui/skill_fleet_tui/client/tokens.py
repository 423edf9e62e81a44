"""Every request about tokens, as a method. Like `api`, of which it is a part: models in, models out."""

from skill_fleet_common.access import CreateToken, TokenCreated, TokenInfo, TokenList
from skill_fleet_tui.client.api import ApiClient, segment


class TokensClient:
    """What can be asked of the server's tokens over a connection. All of it takes the role admin.

    Raises, from every method: `Unreachable`, `Unauthorized`, `Refused` or `NotUnderstood`.
    """

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    async def all(self) -> list[TokenInfo]:
        """Every token, by name."""
        return (await self._api.get("/tokens", TokenList)).tokens

    async def add(self, wish: CreateToken) -> TokenCreated:
        """A new token, shown this once."""
        return await self._api.post("/tokens", TokenCreated, wish.model_dump(mode="json", exclude_none=True))

    async def remove(self, name: str) -> None:
        """Take a token back."""
        await self._api.send("DELETE", f"/tokens/{segment(name)}")
