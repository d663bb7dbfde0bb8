"""The American flavour: a district of elementary, middle and high schools with semesters, terms and grading periods."""

import polars as pl

from pipelines.oneroster.entity import Entity
from pipelines.oneroster.manifest import Version
from pipelines.sampling import american_words as words
from pipelines.sampling.draws import Draws, chosen
from pipelines.sampling.flavour import Columns, Flavour, Grade, Level, Person, Session, Subject

DIGITS = 8  # so that the ids of the largest sample sort as their numbers do
AREA_CODES, FIRST_AREA_CODE = 800, 200
HOMEROOM = Subject("Homeroom", "22", "Miscellaneous")
ENGLISH, MATH = ("01", "English Language and Literature"), ("02", "Mathematics")
SCIENCE, SOCIAL = ("03", "Life and Physical Sciences"), ("04", "Social Sciences and History")
ARTS, LANGUAGES = ("05", "Fine and Performing Arts"), ("06", "Foreign Language and Literature")
HEALTH, COMPUTING = ("08", "Physical/Health/Safety Education"), ("10", "Information Technology")

ELEMENTARY = (
    HOMEROOM,
    Subject("Reading", *ENGLISH),
    Subject("Writing", *ENGLISH),
    Subject("Mathematics", *MATH),
    Subject("Science", *SCIENCE),
    Subject("Social Studies", *SOCIAL),
    Subject("Art", *ARTS),
    Subject("Music", *ARTS),
    Subject("Physical Education", *HEALTH),
)
MIDDLE = (
    HOMEROOM,
    Subject("Language Arts", *ENGLISH),
    Subject("Mathematics", *MATH),
    Subject("Science", *SCIENCE),
    Subject("World History", *SOCIAL),
    Subject("Spanish", *LANGUAGES),
    Subject("Coding", *COMPUTING),
    Subject("Band, Choir & Theater", *ARTS),
    Subject("Physical Education", *HEALTH),
)
HIGH = (
    Subject("Advisory", "22", "Miscellaneous"),
    Subject("English Literature", *ENGLISH),
    Subject("Algebra & Geometry", *MATH),
    Subject("Biology", *SCIENCE),
    Subject("U.S. History", *SOCIAL),
    Subject("French", *LANGUAGES),
    Subject("Computer Science", *COMPUTING),
    Subject("Studio Art", *ARTS),
    Subject('"Health for Life"', *HEALTH),
)
ELEMENTARY_SCHOOL = Level("Elementary School", "E", ("KG", "01", "02", "03", "04", "05"), ELEMENTARY)
MIDDLE_SCHOOL = Level("Middle School", "M", ("06", "07", "08"), MIDDLE)
HIGH_SCHOOL = Level("High School", "H", ("09", "10", "11", "12"), HIGH)

SESSIONS = (
    Session("year", "2026-2027", "schoolYear", "2026-08-17", "2027-06-12"),
    Session("fall", "Fall Semester", "semester", "2026-08-17", "2027-01-11", "year"),
    Session("spring", "Spring Semester", "semester", "2027-01-11", "2027-06-12", "year"),
    Session("q1", "Quarter 1", "term", "2026-08-17", "2026-10-26", "fall"),
    Session("q2", "Quarter 2", "term", "2026-10-26", "2027-01-11", "fall"),
    Session("q3", "Quarter 3", "term", "2027-01-11", "2027-03-29", "spring"),
    Session("q4", "Quarter 4", "term", "2027-03-29", "2027-06-12", "spring"),
    Session("gp1", "Progress Report 1", "gradingPeriod", "2026-08-17", "2026-10-26", "q1"),
    Session("gp2", "Progress Report 2", "gradingPeriod", "2026-10-26", "2027-01-11", "q2"),
    Session("gp3", "Progress Report 3", "gradingPeriod", "2027-01-11", "2027-03-29", "q3"),
    Session("gp4", "Progress Report 4", "gradingPeriod", "2027-03-29", "2027-06-12", "q4"),
)


def _class_sessions(slot: int) -> tuple[str, ...]:
    """Most classes last both semesters, some a semester, some its two quarters."""
    return {6: ("fall",), 7: ("spring",), 8: ("q1", "q2")}.get(slot, ("fall", "spring"))


def _school_title(level: Level, number: int) -> str:
    """Places repeat in districts of more than a hundred schools: then they are numbered."""
    place, round_ = words.PLACES[number % len(words.PLACES)], number // len(words.PLACES)
    return f"{place} {level.title}" + (f" {round_ + 1}" if round_ else "")


def _course_title(grade: Grade, subject: Subject) -> str:
    return f"{subject.title}, " + ("Kindergarten" if grade.code == "KG" else f"Grade {int(grade.code)}")


def _class_title(place: pl.Expr, section: pl.Expr, subject: pl.Expr) -> pl.Expr:
    return pl.format("{} - Section {}", subject, section + 1)


def _ids(draws: Draws, kind: str, number: pl.Expr) -> pl.Expr:
    return pl.format("{}-{}", pl.lit(kind), number.cast(pl.String).str.zfill(DIGITS))


def _person(draws: Draws, person: Person) -> Columns:
    kind, number = person.kind, person.number
    she = chosen(words.GIVEN_FEMALE, draws.place(f"{kind} she", number, len(words.GIVEN_FEMALE)))
    he = chosen(words.GIVEN_MALE, draws.place(f"{kind} he", number, len(words.GIVEN_MALE)))
    middle = draws.pick(f"{kind} middle", number, "ABCDEFGHIJKLMNOPRSTW")
    tells_pronouns = draws.below(f"{kind} tells pronouns", number, 20) == 0
    local = pl.concat_str(pl.lit(f"{kind[0]}{kind[-1]}".upper()), (number + 100_001).cast(pl.String))
    return {
        "identifier": local,
        "userIds": pl.format("{{SIS:{}}}", local),
        "sms": _telephone(draws, person),
        "givenName": pl.when(person.female).then(she).otherwise(he),
        "familyName": chosen(words.FAMILY, person.family),
        "middleName": pl.when(draws.below(f"{kind} has middle", number, 2) == 0).then(
            pl.concat_str(middle, pl.lit("."))
        ),
        "pronouns": pl.when(tells_pronouns).then(draws.pick(f"{kind} pronouns", number, words.PRONOUNS)),
    }


def _telephone(draws: Draws, person: Person) -> pl.Expr:
    """555-0100 to 555-0199 are nobody's; a revised record has another one."""
    what = f"{person.kind} telephone" + (", revised" if person.revised else "")
    area = draws.below(what, person.number, AREA_CODES) + FIRST_AREA_CODE
    last = draws.below(f"{what}, last digits", person.number, 100).cast(pl.String).str.zfill(2)
    return pl.format("+1-{}-555-01{}", area, last)


def _header(entity: Entity) -> tuple[str, ...]:
    return entity.header


AMERICAN = Flavour(
    name="us",
    version_text=Version.V1P2.value,
    school_year="2027",
    sessions=SESSIONS,
    class_sessions=_class_sessions,
    levels=(ELEMENTARY_SCHOOL, ELEMENTARY_SCHOOL, MIDDLE_SCHOOL, ELEMENTARY_SCHOOL, HIGH_SCHOOL),
    district="Springfield Unified School District",
    district_identifier="0600001",
    school_title=_school_title,
    school_identifier=lambda level, number: f"0600001{number + 1:05d}",
    course_title=_course_title,
    class_title=_class_title,
    ids=_ids,
    persons=_person,
    families=len(words.FAMILY),
    has_guardians=True,
    head_roles=("siteAdministrator", ""),
    assistant_role="aide",
    has_origins=True,
    course_code=lambda grade, subject: f"{subject.code}{grade.code}-{grade.level.subjects.index(subject)}",
    room="Room {}",
    has_district_staff=True,
    header=_header,
    domain="springfield.example.org",
)
