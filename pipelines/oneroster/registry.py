"""All entities in load order: a file comes after the files that its required references name.

(users and roles require each other; users come first, and a user without a role is judged after both are read.)
"""

from pipelines.oneroster import gradebook, resources, rostering
from pipelines.oneroster.entity import Column, Entity

ENTITIES: tuple[Entity, ...] = (
    rostering.ACADEMIC_SESSIONS,
    rostering.ORGS,
    rostering.COURSES,
    rostering.CLASSES,
    rostering.USERS,
    rostering.USER_PROFILES,
    rostering.ROLES,
    rostering.DEMOGRAPHICS,
    rostering.ENROLLMENTS,
    resources.RESOURCES,
    resources.CLASS_RESOURCES,
    resources.COURSE_RESOURCES,
    resources.USER_RESOURCES,
    gradebook.CATEGORIES,
    gradebook.SCORE_SCALES,
    gradebook.LINE_ITEMS,
    gradebook.RESULTS,
    gradebook.LINE_ITEM_SCORE_SCALES,
    gradebook.RESULT_SCORE_SCALES,
    gradebook.LINE_ITEM_LEARNING_OBJECTIVE_IDS,
    gradebook.RESULT_LEARNING_OBJECTIVE_IDS,
)

BY_NAME: dict[str, Entity] = {entity.name: entity for entity in ENTITIES}

# What REST has a collection for and CSV no file: never stored, always empty.
WITHOUT_FILE: tuple[Entity, ...] = (gradebook.ASSESSMENT_LINE_ITEMS, gradebook.ASSESSMENT_RESULTS)


def named(name: str) -> Entity:
    """The entity of that name, with a file or without; KeyError if the standard has none."""
    return BY_NAME.get(name) or {entity.name: entity for entity in WITHOUT_FILE}[name]


def embedded_in(owner: Entity) -> tuple[Entity, ...]:
    """The entities whose rows are shown inside that one's records, in load order."""
    return tuple(entity for entity in ENTITIES if owner_of(entity) is owner)


def owner_of(entity: Entity) -> Entity | None:
    """The entity whose records show the rows of this one; None for an entity with an endpoint of its own."""
    if entity.embedding is None:
        return None
    return BY_NAME[entity.column(entity.embedding.owner).to]


def references_to(target: Entity) -> tuple[tuple[Entity, Column], ...]:
    """Every (entity, column) that refers to that entity."""
    return tuple((entity, column) for entity in ENTITIES for column in entity.references if column.to == target.name)
