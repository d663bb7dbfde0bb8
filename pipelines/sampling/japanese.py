"""The Japanese flavour: a board of education by the K-12/Schools Profile 1.0 (facts: `oneroster.japan`).

UUIDs as ids, readings in katakana, grades P1 to H3, attendance numbers; CRLF, every cell quoted.
"""

import polars as pl

from pipelines.oneroster import japan
from pipelines.oneroster.entity import Entity
from pipelines.sampling import japanese_words as words
from pipelines.sampling.draws import Draws, chosen
from pipelines.sampling.flavour import Columns, Flavour, Level, Person, Session, Subject

YEAR = "2026"  # in which the school year begins: the profile names it by that, unlike the base standard


def _subjects(*titles: str) -> tuple[Subject, ...]:
    """Without codes: which number stands for which subject is not public."""
    return tuple(Subject(title) for title in titles)


PRIMARY = _subjects("学級", "国語", "社会", "算数", "理科", "音楽", "図画工作", "体育", "外国語")
JUNIOR_HIGH = _subjects("学級", "国語", "社会", "数学", "理科", "音楽", "美術", "保健体育", "英語")
HIGH = _subjects("学級", "現代の国語", "歴史総合", "数学", "化学基礎", "芸術", "情報", "体育", "英語")

PRIMARY_SCHOOL = Level("小学校", "B", ("P1", "P2", "P3", "P4", "P5", "P6"), PRIMARY)
JUNIOR_HIGH_SCHOOL = Level("中学校", "C", ("J1", "J2", "J3"), JUNIOR_HIGH)
HIGH_SCHOOL = Level("高等学校", "D", ("H1", "H2", "H3"), HIGH)


def _school_title(level: Level, number: int) -> str:
    place, round_ = words.PLACES[number % len(words.PLACES)], number // len(words.PLACES)
    ordinal = f"第{round_ + 1}" if round_ else ""
    return f"{words.TOWN}立{place}{ordinal}{level.title}"


def _school_identifier(level: Level, number: int) -> str:
    """A letter for the kind of school, 1 for the main school, prefecture 13, 2 for municipal, a number."""
    return f"{level.code}1132{number + 1:08d}"


def _class_title(place: pl.Expr, section: pl.Expr, subject: pl.Expr) -> pl.Expr:
    room = pl.format("{}年{}組", place + 1, section + 1)
    return pl.when(subject == PRIMARY[0].title).then(room).otherwise(pl.format("{} {}", room, subject))


def _person(draws: Draws, person: Person) -> Columns:
    """Names as written and as read; a revised record has another master identifier."""
    she = draws.place(f"{person.kind} she", person.number, len(words.GIVEN_FEMALE))
    he = draws.place(f"{person.kind} he", person.number, len(words.GIVEN_MALE))

    def given(side: int) -> pl.Expr:
        women = chosen([pair[side] for pair in words.GIVEN_FEMALE], she)
        return pl.when(person.female).then(women).otherwise(chosen([pair[side] for pair in words.GIVEN_MALE], he))

    def surname(side: int) -> pl.Expr:
        return chosen([pair[side] for pair in words.FAMILY], person.family)

    master = f"{person.kind} master" + (", revised" if person.revised else "")
    return {
        "givenName": given(0),
        "familyName": surname(0),
        "preferredGivenName": given(0),
        "preferredFamilyName": surname(0),
        "metadata.jp.kanaGivenName": given(1),
        "metadata.jp.kanaFamilyName": surname(1),
        "userMasterIdentifier": draws.uuid(master, person.number),
    }


def _header(entity: Entity) -> tuple[str, ...]:
    """The layout of binding 1.2.1, then the profile's own columns in their latest spelling."""
    extensions = japan.EXTENSIONS.get(entity.name, ())
    return (*entity.header_of("1.2.1"), *(spellings[-1] for spellings in extensions))


JAPANESE = Flavour(
    name="japan",
    version_text="1.2_JP",
    school_year=YEAR,
    sessions=(Session("year", f"{YEAR}年度", "schoolYear", "2026-04-01", "2027-03-31"),),
    class_sessions=lambda slot: ("year",),
    levels=(PRIMARY_SCHOOL, PRIMARY_SCHOOL, JUNIOR_HIGH_SCHOOL, HIGH_SCHOOL),
    district=f"{words.TOWN}教育委員会",
    district_identifier="139999",
    school_title=_school_title,
    school_identifier=_school_identifier,
    course_title=lambda grade, subject: f"{YEAR}年度 {grade.place + 1}年 {subject.title}",
    class_title=_class_title,
    ids=lambda draws, kind, number: draws.uuid(kind, number),
    persons=_person,
    families=len(words.FAMILY),
    has_guardians=False,
    head_roles=("teacher", "principal"),
    assistant_role="teacher",
    has_origins=False,
    course_code=lambda grade, subject: "",  # the profile wants it blank
    room="{}教室",
    has_district_staff=False,
    header=_header,
    domain="aozora.example.jp",
    quoted=True,
    line_end="\r\n",
)
