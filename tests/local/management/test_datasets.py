"""datasets: filters under a name, kept as they were given."""

import pytest

FILTERS = [{"key": "cost", "operator": "gt", "value": [0.5]}]
BODY = {"name": "dear", "enable": True, "filters": FILTERS}


@pytest.mark.rule("api.datasets")
def test_dataset_is_made_changed_and_deleted(gateway):
    """``modified_at`` moves with a change, ``created_at`` stays."""
    place = f"/gateways/{gateway.new_gateway()}/datasets"
    made = gateway.manage("POST", place, json=BODY).json()["result"]
    one = f"{place}/{made['id']}"
    changed = gateway.manage("PUT", one, json={**BODY, "enable": False}).json()["result"]
    found = gateway.manage("GET", one).json()["result"]
    deleted = gateway.manage("DELETE", one).json()["result"]

    assert {name: made[name] for name in BODY} == BODY
    assert found == changed == deleted
    assert (changed["enable"], changed["created_at"]) == (False, made["created_at"])
    assert changed["modified_at"] > made["modified_at"]
    assert gateway.manage("GET", one).json()["errors"][0]["code"] == 7002


@pytest.mark.rule("api.datasets")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["b", "a"]),
        ("per_page=1", ["b"]),
        ("page=2&per_page=1", ["a"]),
        ("page=3&per_page=1", []),
        ("name=a", ["a"]),
        ("enable=false", ["b"]),
        ("search=COST", ["a"]),
    ],
)
def test_list_is_narrowed_and_paged(gateway, query, names):
    """Newest first; it ends with an empty page."""
    place = f"/gateways/{gateway.new_gateway()}/datasets"
    gateway.manage("POST", place, json={**BODY, "name": "a"})
    gateway.manage("POST", place, json={"name": "b", "enable": False, "filters": []})

    rows = gateway.manage("GET", f"{place}?{query}").json()["result"]

    assert [row["name"] for row in rows] == names


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": ""}, ["name"]),
        ({"name": None}, ["name"]),
        ({"enable": "yes"}, ["enable"]),
        ({"filters": {}}, ["filters"]),
        ({"filters": [{"key": "user_agent", "operator": "eq", "value": ["x"]}]}, ["filters", "0"]),
    ],
)
def test_bad_field_is_named(gateway, change, path):
    """400, code 7001; nothing is kept."""
    answer = gateway.manage("POST", "/gateways/demo/datasets", json={**BODY, **change})
    error = answer.json()["errors"][0]

    assert (answer.status_code, error["code"]) == (400, 7001)
    assert error["path"][1 : 1 + len(path)] == path


@pytest.mark.rule("api.datasets")
@pytest.mark.parametrize("missing", sorted(BODY))
def test_all_fields_are_required(gateway, missing):
    """On create and on PUT alike."""
    place = f"/gateways/{gateway.new_gateway()}/datasets"
    made = gateway.manage("POST", place, json=BODY).json()["result"]
    body = {name: value for name, value in BODY.items() if name != missing}

    for answer in (
        gateway.manage("POST", place, json=body),
        gateway.manage("PUT", f"{place}/{made['id']}", json=body),
    ):
        assert answer.json()["errors"][0]["path"] == ["body", missing]


def test_gateway_takes_its_datasets_along(gateway):
    """Nothing of it comes back with a gateway of the same name."""
    name = gateway.new_gateway()
    settings = gateway.manage("GET", f"/gateways/{name}").json()["result"]
    gateway.manage("POST", f"/gateways/{name}/datasets", json=BODY)
    gateway.manage("DELETE", f"/gateways/{name}")
    gateway.manage("POST", "/gateways", json=settings)

    assert gateway.manage("GET", f"/gateways/{name}/datasets").json()["result"] == []
