"""`/tokens`: who may ask this server, and what for."""

from typing import Annotated

from fastapi import APIRouter, Path, status

from skill_fleet_common.access import CreateToken, TokenCreated, TokenList
from skill_fleet_server.api.auth import Admin
from skill_fleet_server.api.context import Parts
from skill_fleet_server.api.descriptions import problems

router = APIRouter(prefix="/tokens", tags=["tokens"])


@router.get("", summary="List tokens", responses=problems(503))
async def list_tokens(parts: Parts, _by: Admin) -> TokenList:
    """Names, roles and ends; never the tokens, which are kept nowhere."""
    return TokenList(tokens=await parts.tokens.list())


@router.post("", status_code=status.HTTP_201_CREATED, summary="Make a token", responses=problems(409, 422, 503))
async def create_token(body: CreateToken, parts: Parts, _by: Admin) -> TokenCreated:
    """The answer is the only place where the token is ever shown."""
    return await parts.tokens.add(body)


@router.delete(
    "/{name}", status_code=status.HTTP_204_NO_CONTENT, summary="Take a token back", responses=problems(404, 503)
)
async def remove_token(name: Annotated[str, Path(min_length=1, max_length=64)], parts: Parts, _by: Admin) -> None:
    """Requests with it are refused at once, streams that were opened with it end within seconds."""
    await parts.tokens.remove(name)
