"""What the landing page says, in English and Japanese."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from api.pages.state import Condition


@dataclass(frozen=True, slots=True)
class Texts:
    """The landing page in one language. `{…}` stands for what only the hub knows."""

    language: str
    about: str
    data: str
    conditions: Mapping[Condition, str]
    sources: str
    newest: str
    oldest: str
    generation: str
    counts: str
    collections: Mapping[str, str]
    integrators: str
    docs: str
    openapi: str
    discovery: str
    token: str
    health: str
    addresses: str
    access: str
    key: str
    use: str
    ages: Mapping[str, tuple[str, str]]  # by unit: of one, of more
    now: str

    def age(self, since: timedelta) -> str:
        """How long ago that is, in the largest unit that fits.

        >>> ENGLISH.age(timedelta(hours=1, minutes=50)), JAPANESE.age(timedelta(days=3))
        ('1 hour ago', '3日前')
        """
        seconds = max(int(since.total_seconds()), 0)
        for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
            if count := seconds // length:
                one, more = self.ages[unit]
                return (one if count == 1 else more).format(count)
        return self.now


ENGLISH = Texts(
    language="en",
    about="This hub serves school rosters: OneRoster {version} over HTTP, read-only, as JSON.",
    data="State of the data",
    conditions={
        "empty": "Nothing has been published yet.",
        "away": "The database cannot be reached at the moment, so no records are served. Please try again soon.",
        "busy": "The database is busy: its records are served, but could not be counted in time.",
        "not set up": "The database is not set up yet: its operator has to run rosterhub migrate.",
        "maintenance": "The hub is under maintenance. Records are served again afterwards.",
    },
    sources="Sources",
    newest="Newest publication",
    oldest="Oldest publication still current",
    generation="generation {}",
    counts="Active records, over all sources",
    collections={
        "schools": "Schools",
        "courses": "Courses",
        "classes": "Classes",
        "students": "Students",
        "teachers": "Teachers",
        "enrollments": "Enrollments",
    },
    integrators="For integrators",
    docs="Documentation, to read and to try",
    openapi="OpenAPI document of everything here",
    discovery="OneRoster discovery: {service}",
    token="tokens",  # noqa: S106  a word
    health="Health",
    addresses="Addresses",
    access="Getting access",
    key="Reading records takes a key. Ask the people who run this hub for one. They make it with",
    use="Send it as X-API-Key: <key>.<secret>, or exchange it for a token (OAuth 2.0 client credentials).",
    ages={
        "day": ("{} day ago", "{} days ago"),
        "hour": ("{} hour ago", "{} hours ago"),
        "minute": ("{} minute ago", "{} minutes ago"),
    },
    now="just now",
)

JAPANESE = Texts(
    language="ja",
    about="学校の名簿データを提供する OneRoster {version} API（読み取り専用）です。",
    data="データの状態",
    conditions={
        "empty": "まだ何も公開されていません。",
        "away": "現在データベースに接続できないため、データを提供できません。しばらくしてからもう一度お試しください。",
        "busy": "データベースが混み合っているため、件数を表示できません。データの提供は続いています。",
        "not set up": "データベースの準備ができていません。運用担当者は rosterhub migrate を実行してください。",
        "maintenance": "メンテナンス中です。終了後にデータの提供を再開します。",
    },
    sources="データ提供元の数",
    newest="最新の公開",
    oldest="現在有効な公開のうち最も古いもの",
    generation="第 {} 世代",
    counts="有効なレコードの件数（全提供元の合計）",
    collections={
        "schools": "学校",
        "courses": "コース",
        "classes": "クラス",
        "students": "児童生徒",
        "teachers": "教員",
        "enrollments": "在籍・担当",
    },
    integrators="連携システムの開発者へ",
    docs="API ドキュメント（その場で試せます）",
    openapi="OpenAPI 定義（この API のすべて）",
    discovery="OneRoster ディスカバリー：{service}",
    token="トークン",  # noqa: S106  a word
    health="稼働状況",
    addresses="アドレス",
    access="利用するには",
    key="データの読み取りにはキーが必要です。運用担当者に依頼してください。キーは次のコマンドで作成します。",
    use="X-API-Key: <key>.<secret> として送るか、OAuth 2.0（client credentials）でトークンと交換して使います。",
    ages={"day": ("{}日前", "{}日前"), "hour": ("{}時間前", "{}時間前"), "minute": ("{}分前", "{}分前")},
    now="たった今",
)

LANGUAGES = {texts.language: texts for texts in (ENGLISH, JAPANESE)}


def spoken(wanted: Iterable[str]) -> Texts:
    """The texts in the first of those languages, best first, that there are texts in; a region makes no difference.

    >>> spoken(["fr", "ja-JP", "en"]).language, spoken(["fr"]).language
    ('ja', 'en')
    """
    known = (LANGUAGES.get(tag.partition("-")[0].lower()) for tag in wanted)
    return next((texts for texts in known if texts), ENGLISH)
