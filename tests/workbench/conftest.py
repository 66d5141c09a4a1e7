"""A workbench whose local gateway is a server of the test's own, or the real one without waits."""

import contextlib

import pytest

from gateway.local.server import LocalServer
from gateway.loop import Loop
from gateway.settings import Settings
from gateway.workbench import Workbench
from tests.raw_server import RawServer, chunk, whole

KEY = "sk-marker-0123456789abcdef"
HEALTHY = whole('{"ok":true,"simulated":["openai","anthropic"],"scale":1.0}')


def piece(text):
    """One event of a streamed chat completion."""
    return chunk(f'data: {{"choices":[{{"delta":{{"content":"{text}"}}}}]}}\n\n')


END = (
    chunk('data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'),
    chunk('data: {"choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":500}}\n\n'),
    chunk(""),
)


@pytest.fixture
def serve():
    """Start a server that answers every chat with one function, and is a healthy gateway."""
    with contextlib.ExitStack() as stack:

        def serve(answer, health=HEALTHY):
            async def healthy(request, peer):
                if request.target == "/_local/health":
                    await peer.send(health)
                else:
                    await answer(request, peer)

            loop = stack.enter_context(Loop())
            server = RawServer(healthy)
            loop.run(server.__aenter__())
            stack.callback(lambda: loop.run(server.__aexit__()))
            return server

        yield serve


@pytest.fixture
def bench(tmp_path):
    """Open a workbench on a gateway that runs already."""
    with contextlib.ExitStack() as stack:

        def bench(url, problems=(), **values):
            records = f"sqlite:///{tmp_path}/records.db"
            given = {"LOCAL_GATEWAY_URL": url, "RECORDS_URL": records, **values}
            workbench = Workbench.open(Settings(values=given, problems=problems))
            stack.callback(workbench.close)
            return workbench

        yield bench


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    """A real local gateway whose simulated providers never wait."""
    with LocalServer.start(data=tmp_path_factory.mktemp("gateway"), instant=True) as server:
        yield server


@pytest.fixture(scope="session")
def local_bench(local, tmp_path_factory):
    """A workbench on the real local gateway, shared: for tests that change nothing."""
    records = f"sqlite:///{tmp_path_factory.mktemp('records')}/records.db"
    values = {"LOCAL_GATEWAY_URL": local.url, "LOCAL_GATEWAY_TOKEN": local.token}
    workbench = Workbench.open(Settings(values={**values, "RECORDS_URL": records}))
    yield workbench
    workbench.close()
