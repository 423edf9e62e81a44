"""`/hitl`: open prompts, their answers, and the words from which an action is read."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Header, Response, status

from skill_fleet_common.actions import ActionKeywords
from skill_fleet_common.api import AnswerAccepted, OpenPrompts
from skill_fleet_common.prompts import AnswerRequest, Prompt
from skill_fleet_server.api.auth import Answerer, Reader
from skill_fleet_server.api.context import IdempotencyKey, JobId, Parts
from skill_fleet_server.api.descriptions import problems
from skill_fleet_server.errors import Invalid

router = APIRouter(prefix="/hitl", tags=["hitl"])


@router.get("", summary="List open prompts, oldest first", responses=problems(503))
async def list_prompts(parts: Parts, who: Reader) -> OpenPrompts:
    """Every question that waits for a person."""
    return OpenPrompts(prompts=await parts.prompts.open(created_by=who.sees))


@router.get(
    "/config",
    response_model=ActionKeywords,
    summary="Read the action keywords",
    responses={304: {"description": "As in `If-None-Match`"}} | problems(),
)
async def read_config(
    parts: Parts, _by: Reader, response: Response, if_none_match: Annotated[str, Header()] = ""
) -> ActionKeywords | Response:
    """The words from which an action is read, and their version. Clients may keep them for an hour."""
    digest = hashlib.sha256(parts.keywords.model_dump_json().encode()).hexdigest()[:12]
    etag = f'"{parts.keywords.version}-{digest}"'
    headers = {"ETag": etag, "Cache-Control": "max-age=3600"}
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    if etag in known or "*" in known:
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    response.headers.update(headers)
    return parts.keywords


@router.get("/{job_id}/prompt", response_model=Prompt, summary="Read a job's open prompt", responses=problems(404, 503))
async def read_prompt(job_id: JobId, parts: Parts, _by: Reader) -> Prompt:
    """The question the job waits with; 404 if it waits with none."""
    return await parts.prompts.of(job_id)


@router.post(
    "/{job_id}/response", summary="Answer a job's prompt", responses=problems(400, 404, 409, 410, 413, 422, 503)
)
async def answer_prompt(
    job_id: JobId, body: AnswerRequest, parts: Parts, by: Answerer, idempotency_key: IdempotencyKey = None
) -> AnswerAccepted:
    """Answer the open prompt. Exactly one answer wins; the same answer under the same key is told so again.

    409 carries the winning `answer` (code `already_answered`) or the current `prompt` (code `version_conflict`).
    """
    _check_text(body)
    return await parts.prompts.answer(job_id, body, idempotency_key=idempotency_key, by=by.name)


def _check_text(body: AnswerRequest) -> None:
    """Refuse what JSON can say and UTF-8 cannot, such as half a surrogate pair, wherever it is in an answer."""
    try:
        body.model_dump_json().encode()
    except ValueError:
        raise Invalid("The answer holds text that is not valid Unicode.") from None
