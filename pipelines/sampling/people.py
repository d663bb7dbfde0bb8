"""The rows about people: users, userProfiles, roles, demographics."""

import polars as pl

from pipelines.sampling.district import District
from pipelines.sampling.flavour import Columns, Person
from pipelines.sampling.parts import Part, Rows, row_of
from pipelines.sampling.seats import NUMBER, Kind, Seats

PERSON_DIGITS = 7
DISABLED = 250  # one account in so many
YOUNGEST_BORN, DAYS_OF_A_YEAR = 2021, 365
RACES = (
    "white",
    "blackOrAfricanAmerican",
    "asian",
    "americanIndianOrAlaskaNative",
    "nativeHawaiianOrOtherPacificIslander",
)
TRUE, FALSE = pl.lit("true"), pl.lit("false")


class People:
    """The people of one district, as rows."""

    def __init__(self, district: District):
        self.district = district
        self.draws = district.draws
        self.seats = Seats(district)

    def parts(self) -> list[Part]:
        """Everything about everybody."""
        made = []
        for kind in self.seats.kinds:
            made.append(Part("users", self.users(kind), kind.count))
            made.append(Part("roles", self.roles(kind), kind.count))
            made.append(Part("roles", self.second_roles(kind), kind.count))
        made.append(Part("userProfiles", self.profiles(self.seats.teachers), self.seats.teachers.count))
        made.append(Part("demographics", self.demographics(self.seats.pupils), self.seats.pupils.count))
        return made

    def users(self, kind: Kind, revised: bool = False) -> Rows:
        """users.csv, with the columns of both versions."""
        login = _login(kind)
        orgs = pl.concat_str("org", "second_org", separator=",", ignore_nulls=True)
        columns: Columns = {
            "sourcedId": self._id(kind),
            "enabledUser": pl.when(self._one_in(DISABLED, f"{kind.name} disabled")).then(FALSE).otherwise(TRUE),
            "username": login,
            "email": pl.concat_str(login, pl.lit(f"@{self.district.flavour.domain}")),
            "grades": pl.col("grade_code"),
            "agentSourcedIds": pl.col("agent"),
            "primaryOrgSourcedId": pl.col("org"),
            "orgSourcedIds": orgs,
            "role": pl.col("word"),
            "metadata.jp.homeClass": pl.col("home_class"),
            **self.district.flavour.persons(self.draws, self._person(kind, revised)),
        }
        return lambda numbers: row_of(kind.seat(numbers), columns)

    def roles(self, kind: Kind) -> Rows:
        """roles.csv: what everybody is in the first place."""
        columns = self._role(kind, "role", pl.lit("primary"), pl.col("role"), pl.col("org"))
        return lambda numbers: row_of(kind.seat(numbers), {**columns, "userProfileSourcedId": pl.col("profile")})

    def second_roles(self, kind: Kind) -> Rows:
        """roles.csv: what some are besides."""
        columns = self._role(kind, "role2", pl.lit("secondary"), pl.col("second_role"), pl.col("second_org"))
        return lambda numbers: row_of(kind.seat(numbers).filter(pl.col("second_org").is_not_null()), columns)

    def profiles(self, kind: Kind) -> Rows:
        """userProfiles.csv: an account of a learning platform."""
        columns: Columns = {
            "sourcedId": pl.col("profile"),
            "userSourcedId": self._id(kind),
            "profileType": pl.lit("learning"),
            "vendorId": pl.lit("example-vendor"),
            "applicationId": pl.lit("example-application"),
            "credentialType": pl.lit("sso"),
            "username": _login(kind),
        }
        return lambda numbers: row_of(kind.seat(numbers), columns)

    def demographics(self, kind: Kind) -> Rows:
        """demographics.csv: the id is the user's."""
        columns: Columns = {
            "sourcedId": self._id(kind),
            "sex": pl.when(self._female(kind)).then(pl.lit("female")).otherwise(pl.lit("male")),
            **(self._origin() if self.district.flavour.has_origins else {}),
        }
        return lambda numbers: row_of(kind.seat(numbers), columns)

    def _origin(self) -> Columns:
        """A birthday that fits the grade; one race, for some two; whether Hispanic."""
        first, second = (self.draws.below(f"race {which}", NUMBER, len(RACES)) for which in ("one", "two"))
        two = self._one_in(12, "two races") & (first != second)
        races = {race: _truth((first == place) | (two & (second == place))) for place, race in enumerate(RACES)}
        day = self.draws.below("birthday", NUMBER, DAYS_OF_A_YEAR)
        born = pl.date(YOUNGEST_BORN - pl.col("grade"), 1, 1) + pl.duration(days=day)
        return {
            "birthDate": born.dt.strftime("%Y-%m-%d"),
            **races,
            "demographicRaceTwoOrMoreRaces": _truth(two),
            "hispanicOrLatinoEthnicity": _truth(self._one_in(4, "hispanic")),
            "countryOfBirthCode": pl.when(self._one_in(15, "born abroad")).then(pl.lit("MX")).otherwise(pl.lit("US")),
        }

    def _role(self, kind: Kind, name: str, role_type: pl.Expr, role: pl.Expr, org: pl.Expr) -> Columns:
        return {
            "sourcedId": self.district.id(f"{name}-{kind.name}", NUMBER),
            "userSourcedId": self._id(kind),
            "roleType": role_type,
            "role": role,
            "orgSourcedId": org,
        }

    def _person(self, kind: Kind, revised: bool) -> Person:
        """Children and guardians draw their family name by their family, the others by themselves."""
        name = "family" if kind.name in ("student", "guardian") else f"{kind.name} family"
        family = self.draws.place(name, pl.col("family"), self.district.flavour.families)
        return Person(kind.name, NUMBER, family, self._female(kind), revised)

    def _id(self, kind: Kind) -> pl.Expr:
        return self.district.id(kind.name, NUMBER)

    def _female(self, kind: Kind) -> pl.Expr:
        return self._one_in(2, f"{kind.name} female")

    def _one_in(self, many: int, what: str) -> pl.Expr:
        return self.draws.below(what, NUMBER, many) == 0


def _login(kind: Kind) -> pl.Expr:
    digits = NUMBER.cast(pl.String).str.zfill(PERSON_DIGITS)
    return pl.concat_str(pl.lit(kind.name), digits)


def _truth(condition: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(TRUE).otherwise(FALSE)
