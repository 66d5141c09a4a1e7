"""evaluations: what a dataset's rows come to, measured once."""

import pytest

TYPES = ["cost", "speed", "human-feedback"]


@pytest.fixture
def name(gateway):
    """A gateway with one good answer, one refused by its provider, and two datasets."""
    return gateway.new_gateway()


def dataset(gateway, name, success, **more):
    filters = [{"key": "success", "operator": "eq", "value": [success]}]
    body = {"name": "some", "enable": True, "filters": filters, **more}
    return gateway.manage("POST", f"/gateways/{name}/datasets", json=body).json()["result"]["id"]


def evaluate(gateway, place, datasets, types=TYPES, **more):
    body = {"name": "run", "dataset_ids": datasets, "evaluation_type_ids": types, **more}
    return gateway.manage("POST", f"/gateways/{place}/evaluations", json=body)


@pytest.mark.rule("api.evaluations", "api.evaluation_types")
def test_rows_are_measured(gateway, name):
    """Average cost and duration of all, share of thumbs up among the rated."""
    good = gateway.ask(gateway=name)
    gateway.ask(gateway=name, authorization="Bearer sk-invalid")
    rated = gateway.ask(gateway=name)
    logs = f"/gateways/{name}/logs"
    for answer, feedback in ((good, 1), (rated, -1)):
        log_id = answer.headers["cf-aig-log-id"]
        gateway.manage("PATCH", f"{logs}/{log_id}", json={"feedback": feedback})
    rows = gateway.manage("GET", logs).json()["result"]
    datasets = [dataset(gateway, name, True), dataset(gateway, name, False)]

    made = evaluate(gateway, name, datasets).json()["result"]

    results = {row["evaluation_type_id"]: row for row in made["results"]}
    assert (made["processed"], made["total_logs"]) == (True, 3)
    assert float(results["cost"]["result"]) == pytest.approx(
        sum(row["cost"] for row in rows) / 3, abs=1e-8
    )
    assert float(results["speed"]["result"]) == pytest.approx(
        sum(row["duration"] for row in rows) / 3, abs=0.01
    )
    assert (results["human-feedback"]["result"], results["human-feedback"]["total_logs"]) == (
        "50.00",
        2,
    )
    assert [row["id"] for row in made["datasets"]] == datasets
    assert made["datasets"][0]["account_tag"] == "someone"


@pytest.mark.rule("api.evaluations")
def test_evaluation_happens_once(gateway, name):
    """Rows that come later don't change it, nor does a dataset that is deleted."""
    place = f"/gateways/{name}/evaluations"
    only = dataset(gateway, name, True)
    made = evaluate(gateway, name, [only], ["cost", "human-feedback"]).json()["result"]
    gateway.ask(gateway=name)
    gateway.manage("DELETE", f"/gateways/{name}/datasets/{only}")

    found = gateway.manage("GET", f"{place}/{made['id']}").json()["result"]

    assert found == made
    assert [(row["status"], row["result"]) for row in made["results"]] == [(0, ""), (0, "")]


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 2), ("name=run", 1), ("processed=true", 2), ("processed=false", 0), ("search=OTHER", 1)],
)
def test_list_is_narrowed(gateway, name, query, count):
    """By name, by whether it is done, by words."""
    only = dataset(gateway, name, True)
    evaluate(gateway, name, [only])
    evaluate(gateway, name, [only], name="other")

    rows = gateway.manage("GET", f"/gateways/{name}/evaluations?{query}").json()["result"]

    assert len(rows) == count


def test_deleted_evaluation_is_gone(gateway, name):
    """Delete gives it back."""
    made = evaluate(gateway, name, [dataset(gateway, name, True)]).json()["result"]
    place = f"/gateways/{name}/evaluations/{made['id']}"

    assert gateway.manage("DELETE", place).json()["result"] == made
    assert gateway.manage("DELETE", place).status_code == 404


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": ""}, "name"),
        ({"dataset_ids": []}, "dataset_ids"),
        ({"dataset_ids": ["nobody"]}, "dataset_ids"),
        ({"dataset_ids": [5]}, "dataset_ids"),
        ({"evaluation_type_ids": ["beauty"]}, "evaluation_type_ids"),
        ({"evaluation_type_ids": "cost"}, "evaluation_type_ids"),
    ],
)
def test_bad_field_is_named(gateway, name, change, path):
    """400, code 7001."""
    answer = evaluate(gateway, name, [dataset(gateway, name, True)], **change)

    assert answer.json()["errors"][0]["path"] == ["body", path]


def test_disabled_dataset_is_not_evaluated(gateway, name):
    """Our choice: what a disabled one is good for isn't public."""
    answer = evaluate(gateway, name, [dataset(gateway, name, True, enable=False)])

    assert answer.status_code == 400


@pytest.mark.rule("api.evaluation_types", "api.evaluation_type_ids")
@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["cost", "human-feedback", "speed"]),
        ("order_by=name&order_by_direction=desc", ["speed", "human-feedback", "cost"]),
        ("page=2", []),
    ],
)
def test_types_are_listed(gateway, query, ids):
    """The three of the product, under ids of ours."""
    rows = gateway.manage("GET", f"/evaluation-types?{query}").json()["result"]

    assert [row["id"] for row in rows] == ids
