"""Which endpoint a call means: one row for each, the first that fits is used."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from gateway.dialects import dialect_for
from gateway.local.hazards import GUARDS
from gateway.local.simulated import chats, cohere, embeddings, guards, media, models, texts
from gateway.local.simulated.denials import denial
from gateway.local.simulated.said import Asked, Said

Endpoint = Callable[..., Said]


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint.

    Attributes:
        providers: Pattern of the slugs.
        method: The only method it takes.
        path: Pattern of the whole path; its groups are handed to the endpoint.
    """

    providers: re.Pattern[str]
    method: str
    path: re.Pattern[str]
    endpoint: Endpoint


def _row(providers: str, method: str, path: str, endpoint: Endpoint) -> Row:
    return Row(re.compile(providers), method, re.compile(path), endpoint)


MODELS = r"(?:openai/)?(?:v1/)?models"
GOOGLE_MODEL = r"v1(?:beta)?/(?:projects/[^/]+/locations/[^/]+/publishers/[^/]+/)?models/([^/:]+)"
RUN = r"(?:run/)?"
BEDROCK = r"bedrock-runtime/[^/]+/model/"

ROWS: tuple[Row, ...] = (
    _row("anthropic", "GET", r"v1/models", models.anthropic_list),
    _row("google-.*", "GET", r"v1(?:beta)?/models", models.google_list),
    _row("google-.*", "GET", GOOGLE_MODEL, models.google_one),
    _row("replicate|fal|huggingface|ideogram", "GET", MODELS, models.nothing_there),
    _row(".*", "GET", MODELS, models.openai_list),
    _row("(?!google-).*", "GET", rf"{MODELS}/(.+)", models.openai_one),
    _row("google-.*", "POST", rf"{GOOGLE_MODEL}:embedContent", embeddings.google),
    _row("google-.*", "POST", rf"{GOOGLE_MODEL}:batchEmbedContents", embeddings.google_batch),
    _row("google-.*", "POST", rf"{GOOGLE_MODEL}:predict", embeddings.vertex),
    _row("google-.*", "POST", rf"{GOOGLE_MODEL}:countTokens", texts.counted),
    _row("anthropic|grok", "POST", r"v1/messages/count_tokens", texts.counted),
    _row("workers-ai", "POST", rf"{RUN}(@cf/.*(?:bge|embed).*)", embeddings.workers),
    _row("workers-ai", "POST", rf"{RUN}(@cf/.*(?:flux|diffusion).*)", media.workers_image),
    _row("workers-ai", "POST", rf"{RUN}(@cf/.*(?:whisper|nova-3).*)", media.workers_transcript),
    _row("workers-ai", "POST", rf"{RUN}(@cf/.*(?:aura|melotts).*)", media.speech),
    _row("workers-ai", "POST", rf"{RUN}({'|'.join(map(re.escape, GUARDS))})", guards.judged),
    _row("cohere", "POST", r"(?:v1/)?chat", cohere.chat_v1),
    _row("cohere", "POST", r"v2/chat", cohere.chat_v2),
    _row("cohere", "POST", r"v([12])/embed", cohere.embed),
    _row("aws-bedrock", "POST", rf"{BEDROCK}([^/]*nova[^/]*)/invoke", texts.bedrock),
    _row("aws-bedrock", "POST", rf"{BEDROCK}([^/]+)/converse", texts.bedrock),
    _row("baseten", "POST", r"model/([^/]+)(?:/.*)?", texts.baseten),
    _row("cartesia", "POST", r"(?:v1/)?tts/bytes", media.speech),
    _row("deepgram", "POST", r"v1/listen", media.deepgram),
    _row("deepgram", "POST", r"v1/speak", media.speech),
    _row("elevenlabs", "POST", r"v1/text-to-speech/([^/]+)(?:/stream)?", media.speech),
    _row("fal", "POST", r"(.*)", media.fal),
    _row("ideogram", "POST", r"(?:v1/ideogram-(v3)/)?generate", media.ideogram),
    _row("parallel", "POST", r"v1/tasks/runs", texts.parallel_run),
    _row("parallel", "GET", r"v1/tasks/runs/([^/]+)", texts.parallel_status),
    _row("parallel", "GET", r"v1/tasks/runs/([^/]+)/result", texts.parallel_result),
    _row("parallel", "POST", r"v1beta/search", texts.parallel_search),
    _row("parallel", "POST", r"v1beta/findall/ingest", texts.parallel_ingest),
    _row("replicate", "POST", r"(?:v1/)?predictions", texts.replicate),
    _row("replicate", "POST", r"(?:v1/)?models/([^/]+/[^/]+)/predictions", texts.replicate),
    _row(".*", "POST", r"(?:[^/]+/[^/]+/|openai/)?(?:v1/)?embeddings", embeddings.openai),
    _row("openai|grok|custom-.*", "POST", r"(?:v1/)?images/generations", media.openai_image),
    _row("openai|groq|custom-.*", "POST", r"(?:openai/)?(?:v1/)?audio/speech", media.speech),
    _row("huggingface", "POST", r"(?!.*chat/completions)(.+/.+|.+)", texts.huggingface),
)


def answered(asked: Asked, method: str) -> Said:
    """Hand a call to its endpoint: a row, else the chat of a dialect.

    Raises:
        BadRequest: the body isn't what the endpoint takes.
    """
    slug, path = asked.provider.slug, asked.path
    status = 404
    for row in _rows_of(slug):
        found = row.path.fullmatch(path)
        if found is not None:
            if row.method == method:
                return row.endpoint(asked, *(group or "" for group in found.groups()))
            status = 405
    dialect = dialect_for(slug, path)
    if dialect is not None:
        return chats.chat(asked, dialect) if method == "POST" else denial(slug, path, 405)
    return denial(slug, path, status)


@lru_cache(maxsize=256)
def _rows_of(slug: str) -> tuple[Row, ...]:
    return tuple(row for row in ROWS if row.providers.fullmatch(slug))
