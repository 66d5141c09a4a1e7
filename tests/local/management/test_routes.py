"""routes: versions and deployments of dynamic routes, in each call's own envelope."""

import orjson
import pytest

LONG = [
    {"id": "start", "type": "start", "outputs": {"next": {"elementId": "model"}}},
    {
        "id": "model",
        "type": "model",
        "properties": {"provider": "openai", "model": "gpt-5", "timeout": 9000, "retries": 1},
        "outputs": {"success": {"elementId": "end"}},
    },
    {"id": "end", "type": "end", "outputs": {}},
]
SHORT = [{**LONG[0], "outputs": {"next": {"elementId": "end"}}}, LONG[2]]


@pytest.fixture
def place(gateway):
    return f"/gateways/{gateway.new_gateway()}/routes"


def make(gateway, place, name="cheap"):
    return gateway.manage("POST", place, json={"name": name, "elements": LONG}).json()["result"]


@pytest.mark.rule("api.routes")
def test_new_route_is_deployed_at_once(gateway, place):
    """``active`` and ``data`` are text, as Cloudflare's clients expect."""
    made = make(gateway, place)

    assert made["deployment"]["version_id"] == made["version"]["version_id"]
    assert made["version"]["active"] == "true"
    assert orjson.loads(made["version"]["data"]) == made["elements"] == LONG
    assert gateway.manage("GET", f"{place}/{made['id']}").json()["result"] == made


@pytest.mark.rule("api.routes")
def test_version_counts_once_it_is_deployed(gateway, place):
    """And an older one can be deployed again."""
    made = make(gateway, place)
    one = f"{place}/{made['id']}"
    added = gateway.manage("POST", f"{one}/versions", json={"elements": SHORT}).json()["result"]
    undeployed = gateway.manage("GET", one).json()["result"]
    newest = gateway.manage("GET", f"{one}/versions").json()["data"]["versions"][0]
    deploy = {"version_id": newest["version_id"]}
    answer = gateway.manage("POST", f"{one}/deployments", json=deploy).json()["result"]
    deployed = gateway.manage("GET", one).json()["result"]

    assert added["elements"] == answer["elements"] == SHORT
    assert undeployed["elements"] == LONG
    assert deployed["elements"] == SHORT
    assert deployed["deployment"]["version_id"] == newest["version_id"]
    assert answer.keys() == {
        "id",
        "gateway_id",
        "name",
        "elements",
        "created_at",
        "modified_at",
    }


@pytest.mark.rule("api.routes_envelopes")
def test_envelopes_are_the_contracts(gateway, place):
    """Lists have ``data``, a rename ``route``; neither has ``result``."""
    made = make(gateway, place)
    one = f"{place}/{made['id']}"

    listed = gateway.manage("GET", place).json()
    versions = gateway.manage("GET", f"{one}/versions").json()
    deployments = gateway.manage("GET", f"{one}/deployments").json()
    renamed = gateway.manage("PATCH", one, json={"name": "dear"}).json()

    order = {"page": 1, "per_page": 20, "order_by": "created_at", "order_by_direction": "desc"}
    assert listed == {
        "success": True,
        "data": {"routes": [{**made, "account_tag": "someone"}], **order},
    }
    assert versions == {"success": True, "data": {"versions": [made["version"]], **order}}
    assert deployments == {"success": True, "data": {"deployments": [made["deployment"]], **order}}
    assert renamed.keys() == {"success", "route"}
    assert renamed["route"]["name"] == "dear"


def test_one_version_is_shown(gateway, place):
    """With the route's fields around it."""
    made = make(gateway, place)
    version = made["version"]["version_id"]

    found = gateway.manage("GET", f"{place}/{made['id']}/versions/{version}").json()["result"]

    assert found["elements"] == LONG
    assert (found["active"], found["version_id"]) == ("true", version)


def test_list_ends_with_an_empty_page(gateway, place):
    """Newest first, unless asked otherwise."""
    first, second = make(gateway, place, "a"), make(gateway, place, "b")

    def ids(query):
        rows = gateway.manage("GET", f"{place}?{query}").json()["data"]["routes"]
        return [row["id"] for row in rows]

    assert ids("per_page=1") == [second["id"]]
    assert ids("order_by_direction=asc") == [first["id"], second["id"]]
    assert ids("page=2") == []


def test_deleted_route_is_gone(gateway, place):
    """Delete says what it was."""
    made = make(gateway, place)
    one = f"{place}/{made['id']}"

    assert gateway.manage("DELETE", one).json()["result"]["elements"] == LONG
    assert gateway.manage("GET", one).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "where"),
    [
        ("POST", "", {"elements": LONG}, 400, "name"),
        ("POST", "", {"name": "x"}, 400, "elements"),
        ("POST", "", {"name": "x", "elements": [LONG[2]]}, 400, "elements"),
        ("POST", "", {"name": "cheap", "elements": LONG}, 409, "name"),
        ("PATCH", "/{id}", {"name": "other"}, 409, "name"),
        ("PATCH", "/{id}", {}, 400, "name"),
        ("POST", "/{id}/versions", {"elements": []}, 400, "elements"),
        ("POST", "/{id}/deployments", {"version_id": "nobody"}, 400, "version_id"),
    ],
)
def test_bad_body_changes_nothing(gateway, place, method, path, body, status, where):
    """400 or 409, with the place of what is wrong."""
    made = make(gateway, place)
    make(gateway, place, "other")

    answer = gateway.manage(method, place + path.format(id=made["id"]), json=body)

    assert (answer.status_code, answer.json()["errors"][0]["path"][1]) == (status, where)
    assert gateway.manage("GET", f"{place}/{made['id']}").json()["result"] == made


@pytest.mark.parametrize("path", ["nobody", "nobody/versions", "{id}/versions/nobody"])
def test_what_is_not_there_is_a_404(gateway, place, path):
    """With code 7002."""
    made = make(gateway, place)

    answer = gateway.manage("GET", f"{place}/{path.format(id=made['id'])}")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, 7002)
