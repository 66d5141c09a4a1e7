"""What a run found, as tests of other tools: a pytest file, and a promptfoo file.

The pytest file runs the recipe again and asserts each finding that can be told: on a local gateway
of its own, or on any gateway that the environment names. The promptfoo file asks the run's prompts
twice and asserts what the cache answered. Neither holds a key: both read it from the environment.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gateway.chat import Chat, Target, say
from gateway.client.request import request_of
from gateway.errors import BadRequest
from gateway.experiments.plan import Plan, Recipe, Variant
from gateway.providers import PROVIDERS

Json = Any
PROMPTS = 5
"""Prompts of a run that its promptfoo file asks."""
PLACEHOLDER = "question-of-the-test"
READ = (
    "{ output: { status: context.response.status,"
    " cache: (context.response.headers || {})['cf-aig-cache-status'] || '', body: text } }"
)
"""What an assertion sees of an answer, in the words of promptfoo's HTTP provider."""


def to_pytest(recipe: Recipe) -> bytes:
    """Return a test file that runs the recipe and asserts what it accepts."""
    text = json.dumps(recipe.to_json(), indent=4)
    return (
        f'"""{recipe.preset}: the gateway still does what the run of this recipe showed.\n\n'
        "Run it with pytest in the app's folder. Without further settings it starts a local\n"
        "gateway of its own and needs no account and no key. To test another gateway:\n\n"
        "    GATEWAY_URL       https://gateway.ai.cloudflare.com/v1/ACCOUNT/GATEWAY\n"
        "    GATEWAY_TOKEN     where it asks for one\n"
        "    PROVIDER_KEY      where it has none stored\n"
        '"""\n\n'
        "import asyncio\nimport json\nimport os\n\n"
        "from gateway.experiments.once import accepted, named\n"
        "from gateway.experiments.plan import Recipe\n\n"
        f"RECIPE = Recipe.from_json(json.loads({text!r}))\n\n\n"
        "def test_policy_holds():\n"
        '    """Each finding that was accepted is accepted again."""\n'
        "    findings = asyncio.run(accepted(RECIPE, named(RECIPE, os.environ)))\n\n"
        "    assert [one for one in findings if one.ok is False] == []\n"
        "    assert any(one.ok for one in findings)\n"
    ).encode()


def to_promptfoo(plan: Plan, requests: pd.DataFrame, base_url: str) -> bytes:
    """Return a promptfoo file that asks some of the run's prompts twice, one after the other.

    Each answer must have the status it had in the run; the second one of a prompt that the run
    found in the cache must come from the cache again.

    Args:
        requests: The run's; those of its first variant that was answered at all are asked.
        base_url: The gateway's, without a key.

    Raises:
        BadRequest: nothing was answered, or a plain HTTP request can't ask what the variant does.
    """
    answered = requests[(requests["status"].fillna(0) > 0) & requests["fault_injected"].isna()]
    if not len(answered):
        raise BadRequest("Nothing was answered that could be asked again without a planted fault.")
    variant = plan.variant(str(answered.sort_values("seq")["variant_id"].iloc[0]))
    if variant.transport != "http" or variant.steps:
        raise BadRequest("promptfoo asks one provider over HTTP: this run did something else.")
    rows = answered[answered["variant_id"] == variant.id]
    said = {call.prompt_id: call.prompt for call in plan.calls if call.variant == variant.id}
    chosen = list(dict.fromkeys(rows.sort_values("seq")["prompt_id"].astype(str)))[:PROMPTS]
    document = {
        "description": f"{plan.recipe.preset} {plan.title}, seed {plan.recipe.seed}",
        "prompts": ["{{question}}"],
        "providers": [_provider(variant, base_url)],
        # Its own cache would answer the second question before the gateway could.
        "evaluateOptions": {"maxConcurrency": 1, "cache": False},
        "tests": [
            test
            for prompt_id in chosen
            for test in _tests(said[prompt_id], rows[rows["prompt_id"] == prompt_id])
        ],
    }
    # JSON is YAML, and promptfoo reads it as such.
    return json.dumps(document, indent=2).encode()


def _provider(variant: Variant, base_url: str) -> dict[str, Json]:
    key = PROVIDERS[variant.provider].env_key
    target = Target(
        name="named",
        base_url=base_url,
        keys={variant.provider: f"{{{{env.{key}}}}}"} if key else {},
    )
    chat = Chat(
        provider=variant.provider,
        model=variant.model,
        messages=say(PLACEHOLDER),
        route=variant.route,
        stream=False,
        max_tokens=variant.max_tokens,
    )
    request = request_of(chat, variant.options, target)
    body = json.loads(request.body.decode().replace(PLACEHOLDER, "{{prompt}}"))
    return {
        "id": "https",
        "label": f"{variant.provider} {variant.model}: {variant.label}",
        "config": {
            "url": request.url,
            "method": request.method,
            "headers": dict(request.headers),
            "body": body,
            "transformResponse": READ,
            "validateStatus": "status >= 100",
        },
    }


def _tests(prompt: str, rows: pd.DataFrame) -> Sequence[Mapping[str, Json]]:
    status = int(rows.sort_values("seq")["status"].iloc[0])
    hit = bool((rows["cache_status"] == "HIT").any())
    found = []
    for time, cached in (("first", False), ("second", hit)):
        checks = [{"type": "javascript", "value": f"output.status === {status}"}]
        if cached:
            checks.append({"type": "javascript", "value": "output.cache === 'HIT'"})
        found.append(
            {
                "description": f"{time} time: {prompt[:40]}",
                "vars": {"question": prompt},
                "assert": checks,
            }
        )
    return found
