"""What rows become: the shapes of embedded rows, merged references, and records as a whole."""

from typing import get_args

import orjson
import pytest

from api.collections import COLLECTIONS, Collection
from api.database import Row
from api.query import layout
from api.query.reading import Page
from api.rendering import nested
from api.rendering.nested import nester
from api.rendering.records import Renderer
from pipelines.oneroster.entity import Shape
from pipelines.oneroster.registry import BY_NAME
from tests.api.test_values import BASE, URLS, org_ref

COLLECTION = {collection.name: collection for collection in COLLECTIONS}
MOMENTS = {7: "2026-08-01T04:05:06.000Z"}
LIFECYCLE = {"sourcedId": "1", "status": "active", "dateLastModified": MOMENTS[7]}


def record_row(entity: str, /, metadata: str | None = None, types: tuple[str, ...] = (), **values: object) -> Row:
    columns = layout.served(BY_NAME[entity])
    return ("1", "active", 7, metadata, *(values.get(column.name) for column in columns), *types)


def embedded_row(entity: str, /, **values: object) -> Row:
    return ("1", "own", *(values.get(column.name) for column in layout.served(BY_NAME[entity])))


def rendered(collection: Collection, row: Row, **embedded: list[Row]) -> object:
    rows = {entity.name: {"1": embedded.get(entity.name, [])} for entity in collection.embedded}
    records = list(Renderer(collection, BASE).records(Page([row], rows, MOMENTS)))
    return orjson.loads(orjson.dumps(records[0]))


def test_a_bare_record_has_what_is_there_and_what_rest_insists_on() -> None:
    assert rendered(COLLECTION["orgs"], record_row("orgs", name="N", type="school")) == {
        **LIFECYCLE,
        "name": "N",
        "type": "school",
        "identifier": "",
    }


def test_empty_lists_are_left_out_and_metadata_is_served_as_stored() -> None:
    row = record_row("courses", '{"jp.x":"é"}', title="T", courseCode=None, grades=[], subjects=["a"], orgSourcedId="o")
    assert rendered(COLLECTION["courses"], row) == {
        **LIFECYCLE,
        "metadata": {"jp.x": "é"},
        "title": "T",
        "courseCode": "",
        "org": org_ref("o", "o"),
        "subjects": ["a"],
    }


@pytest.mark.parametrize(
    ("type", "property_"),
    [("gradingPeriod", "gradingPeriod"), ("term", "academicSession"), (None, "academicSession")],
)
def test_a_line_items_session_has_the_property_of_its_type(type: str, property_: str) -> None:
    row = record_row("lineItems", types=(type,), academicSessionSourcedId="s")
    assert rendered(COLLECTION["lineItems"], row) == {
        **LIFECYCLE,
        property_: {
            "href": f"{BASE}/ims/oneroster/rostering/v1p2/academicSessions/s",
            "sourcedId": "s",
            "type": "academicSession",
        },
    }


def test_resources_of_a_user_come_from_column_and_links_once_each() -> None:
    row = record_row("users", resourceSourcedIds=["c", "a"])
    links = [embedded_row("userResources", resourceSourcedId=id) for id in ("b", "a")]
    user = rendered(COLLECTION["users"], row, userResources=links)
    assert [ref["sourcedId"] for ref in user["resources"]] == ["a", "b", "c"]  # type: ignore[index]


def test_a_profile_holds_its_credentials_in_a_list_of_one() -> None:
    row = embedded_row("userProfiles", profileType="t", vendorId="v", credentialType="saml", username="u")
    assert nester(BY_NAME["userProfiles"], URLS)([row]) == [
        {
            "profileId": "urn:rosterhub:own",
            "profileType": "t",
            "vendorId": "v",
            "credentials": [{"type": "saml", "username": "u"}],
        }
    ]


def test_a_role_names_its_profile_as_the_profile_names_itself() -> None:
    row = embedded_row("roles", roleType="primary", role="aide", orgSourcedId="o", userProfileSourcedId="own")
    (role,) = nester(BY_NAME["roles"], URLS)([row])
    assert role == {"roleType": "primary", "role": "aide", "org": org_ref("o", "o"), "userProfile": "urn:rosterhub:own"}


def test_objectives_are_grouped_by_source_as_served() -> None:
    rows = [
        embedded_row("lineItemLearningObjectiveIds", source=source, learningObjectiveId=id)
        for source, id in (("case", "1"), ("ext:A-b", "2"), ("ext:ab", "3"))
    ]
    assert nester(BY_NAME["lineItemLearningObjectiveIds"], URLS)(rows) == [
        {"source": "case", "learningObjectiveIds": ["1"]},
        {"source": "/ab", "learningObjectiveIds": ["2", "3"]},
    ]


def test_objectives_of_a_result_are_objects() -> None:
    row = embedded_row("resultLearningObjectiveIds", source="case", learningObjectiveId="1", score=1.5)
    assert nester(BY_NAME["resultLearningObjectiveIds"], URLS)([row]) == [
        {"source": "case", "learningObjectiveResults": [{"learningObjectiveId": "1", "score": 1.5}]}
    ]


def test_every_shape_has_a_nester() -> None:
    assert set(nested.SHAPES) == set(get_args(Shape))


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda collection: collection.name)
def test_secrets_and_unserved_columns_are_not_even_selected(collection: Collection) -> None:
    for entity in (collection.entity, *collection.embedded):
        assert not {"password"} & {column.name for column in layout.served(entity)}
