"""management: settings, log rows and feedback of a real local gateway, and every refusal."""

import json
from dataclasses import replace

import pytest

from gateway.chat import Chat, Target, say
from gateway.client import GatewayClient
from gateway.errors import BadAnswer, BadRequest, Refused, Unreachable
from gateway.local.server import LocalServer
from gateway.management import Management
from gateway.wire.single import HttpxWire
from tests.raw_server import RawServer, whole

pytestmark = pytest.mark.anyio

TOKEN = "cf-marker-Ee55ff66"
HELLO = Chat(provider="openai", model="gpt-5-mini", messages=say("Hello"), stream=False)
INVALID = {"code": 7001, "message": "Input Validation Error", "path": ["body", "cache_ttl"]}
REFUSED = [
    (
        "401 No",
        {"errors": [{"code": 10000, "message": "Authentication error"}]},
        "permission",
        None,
    ),
    ("403 No", "<html>", "refuses the token", None),
    ("400 No", {"errors": [INVALID]}, "value of cache_ttl: Input", "cache_ttl"),
    ("404 No", {"errors": [{"code": 7002, "message": "Not Found"}]}, "finds nothing", None),
    ("500 No", {"errors": [{"message": f"Leaked {TOKEN}."}]}, "answered 500: Leaked …ff66", None),
    ("502 No", {"errors": []}, "without a message", None),
    ("502 No", {"errors": [["?"]]}, "without a message", None),
]


@pytest.fixture(scope="module")
def server():
    """A gateway of this file's own: some tests change its settings."""
    with LocalServer.start(instant=True) as server:
        yield server


@pytest.fixture
def target(server):
    return Target(
        name="local",
        base_url=server.gateway_url(),
        rest_url=f"{server.url}/client/v4/accounts/local",
        token=server.token,
        local_url=server.url,
    )


@pytest.fixture
async def wire():
    wire = HttpxWire(connect_s=5, silence_s=5)
    yield wire
    await wire.aclose()


@pytest.fixture
def management(wire, target):
    return Management(wire, target)


@pytest.fixture
async def answered(wire, target):
    """The log id of an answer of the local gateway."""
    reply = await GatewayClient(wire, target).send(HELLO)
    return reply.log_id


@pytest.fixture
async def told(wire):
    """Ask a server that answers everything alike for its settings."""

    async def told(status, body):
        async def answer(request, peer):
            text = body if isinstance(body, str) else json.dumps(body)
            await peer.send(whole(text, status=status))

        async with RawServer(answer) as server:
            target = Target(name="cloudflare", base_url="x/g", rest_url=server.url, token=TOKEN)
            return await Management(wire, target).policy()

    return told


async def test_settings_are_read(management):
    """A fresh installation's ``demo`` caches and asks for no token."""
    policy = await management.policy()

    assert (policy.id, policy.cache_ttl, policy.authentication) == ("demo", 300, False)


async def test_change_leaves_the_other_settings(management):
    """A PUT takes the whole object, of which the caller names one part."""
    before = await management.policy()

    after = await management.change({"retry_max_attempts": 3})

    assert after == replace(before, retry_max_attempts=3, other=after.other)
    assert await management.policy() == after
    await management.change({"retry_max_attempts": None})


async def test_bad_value_names_its_setting(management):
    """A form can show the sentence at the field; nothing has changed."""
    with pytest.raises(Refused, match="value of cache_ttl") as caught:
        await management.change({"cache_ttl": -1})

    assert (caught.value.field, caught.value.status) == ("cache_ttl", 400)
    assert (await management.policy()).cache_ttl == 300


async def test_log_row_is_found(management, answered):
    """The gateway's own view of an answer."""
    entry = await management.log(answered)

    assert (entry.id, entry.provider, entry.status_code) == (answered, "openai", 200)
    assert await management.log("01a2b3") is None


@pytest.mark.parametrize("score", [1, -1])
async def test_feedback_is_set_and_taken_back(management, answered, score):
    """0 leaves the row as it was before anybody judged it."""
    await management.rate(answered, score)
    rated = await management.log(answered)
    await management.rate(answered, 0)

    assert rated.feedback == score
    assert (await management.log(answered)).feedback is None


async def test_feedback_needs_a_row(management):
    """A gateway that keeps no logs, or keeps them later."""
    with pytest.raises(Refused, match="no log row for this answer: try again in a moment"):
        await management.rate("01a2b3", 1)
    with pytest.raises(ValueError, match="score must be one of"):
        await management.rate("01a2b3", 2)


async def test_why_is_told_by_the_local_gateway_only(management, wire, target, answered):
    """A hosted gateway has no such account."""
    account = await management.why(answered)
    hosted = Management(wire, replace(target, local_url=None))

    assert account["cache_status"] in ("HIT", "MISS")
    assert account["sentence"]
    assert await management.why("01a2b3") is None
    assert await hosted.why(answered) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"token": None}, "set LOCAL_GATEWAY_TOKEN in .env"),
        ({"token": None, "local_url": None}, "set CLOUDFLARE_API_KEY in .env"),
        ({"rest_url": None}, "no management API at local"),
    ],
)
async def test_what_is_missing_is_said_before_sending(wire, target, change, words):
    """Each sentence names what to set."""
    with pytest.raises(BadRequest, match=words):
        await Management(wire, replace(target, **change)).policy()


async def test_wrong_token_is_refused(wire, target):
    """The sentence doesn't repeat it."""
    with pytest.raises(Refused, match=r"refuses the token \(401\)") as caught:
        await Management(wire, replace(target, token=TOKEN)).policy()

    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(("status", "body", "words", "field"), REFUSED)
async def test_refusal_becomes_a_sentence(told, status, body, words, field):
    """Every envelope, and none at all; a token that is echoed is masked."""
    with pytest.raises(Refused, match=words) as caught:
        await told(status, body)

    assert caught.value.field == field
    assert caught.value.status == int(status[:3])


@pytest.mark.parametrize("body", ["<html>", "[]", {"success": True}, {"result": {}}])
async def test_other_answer_isn_t_settings(told, body):
    """A captive portal answers 200, too."""
    with pytest.raises(BadAnswer):
        await told("200 OK", body)


async def test_silence_is_unreachable(wire, target):
    """Nobody listens there."""
    with pytest.raises(Unreachable, match=r"No connection to 127\.0\.0\.1:9"):
        await Management(wire, replace(target, rest_url="http://127.0.0.1:9")).policy()
