"""The editions of the standard that are spoken here, as data: where they lie, what records are, how errors are told.

Everything is read and rendered by the declarations of the entity at hand, and an entity belongs to one edition; so an
edition needs no code of its own but where its shape is not 1.2's. That is `query.relations`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pipelines.oneroster import registry, v1p1
from pipelines.oneroster.entity import Entity

Body = dict[str, object]


@dataclass(frozen=True, eq=False)
class Edition:
    """One of them. `entities` are those that its records and references can be of, by name.

    `bases`: by service, the URL path that collections lie under. `error`: the body of an error, from its major and
    minor code and its description; `minors`: its words for minor codes that are not those of 1.2.
    """

    version: str
    entities: Mapping[str, Entity]
    bases: Mapping[str, str]
    error: Callable[[str, str, str], Body]
    minors: Mapping[str, str] = field(default_factory=dict)

    def url(self, base: str, name: str) -> str:
        """The URL of the entity's collection; `base` is what the edition's paths are appended to."""
        return f"{base}{self.bases[self.entities[name].service]}/{name}"


def declaring(entity: Entity) -> Edition:
    """The edition that an entity is declared in."""
    return V1P1 if V1P1.entities.get(entity.name) is entity else V1P2


def spoken_at(path: str) -> Edition:
    """The edition that answers at that path of the hub, be it with an error."""
    if path.startswith("/sources/"):
        path = "/" + path.removeprefix("/sources/").partition("/")[2]
    is_v1p1 = any(f"{path}/".startswith(f"{base}/") for base in V1P1.bases.values())
    return V1P1 if is_v1p1 else V1P2


def _status_info(major: str, minor: str, description: str) -> Body:
    """1.2: imsx_StatusInfoDType, unwrapped (guide 2.5)."""
    field = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}
    return {
        "imsx_codeMajor": major,
        "imsx_severity": "error",
        "imsx_description": description,
        "imsx_CodeMinor": {"imsx_codeMinorField": [field]},
    }


def _status_info_set(major: str, minor: str, description: str) -> Body:
    """1.1: a list of errors. A major code is success or failure, a minor code is one word."""
    told = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_codeMinor": minor,
        "imsx_description": description,
    }
    return {"statusInfoSet": [told]}


V1P2 = Edition(
    "1.2",
    {entity.name: entity for entity in (*registry.ENTITIES, *registry.WITHOUT_FILE)},
    {service: f"/ims/oneroster/{service}/v1p2" for service in ("rostering", "resources", "gradebook")},
    _status_info,
)

V1P1 = Edition(
    "1.1",
    {entity.name: entity for entity in v1p1.ENTITIES if entity.service == "rostering"},
    {"rostering": "/ims/oneroster/v1p1"},
    _status_info_set,
    # 1.1 is quoted with spaces in these (1EdTech's support pages, and what providers of 1.1 send); a selection of
    # fields fails for a blank name alone.
    {
        "invaliddata": "invalid data",
        "unauthorisedrequest": "unauthorized",
        "unknownobject": "unknown object",
        "invalid_selection_field": "invalid_blank_selection_field",
    },
)
