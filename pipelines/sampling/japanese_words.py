"""Names and words of made-up Japanese boards of education, the common ones first, each name with its reading.

Among them characters outside the Basic Multilingual Plane (𠮷), with a variation selector (葛󠄀), and compatibility
ideographs (﨑), which real rosters have and careless software loses. Data only.
"""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def _read(text: str) -> tuple[tuple[str, str], ...]:
    """(as written, as read)"""
    pairs = (name.partition("/") for name in _listed(text))
    return tuple((written, reading) for written, _, reading in pairs)


FAMILY = _read("""
佐藤/サトウ, 鈴木/スズキ, 高橋/タカハシ, 田中/タナカ, 伊藤/イトウ, 渡辺/ワタナベ, 山本/ヤマモト, 中村/ナカムラ,
小林/コバヤシ, 加藤/カトウ, 吉田/ヨシダ, 山田/ヤマダ, 佐々木/ササキ, 山口/ヤマグチ, 松本/マツモト,
井上/イノウエ, 木村/キムラ, 林/ハヤシ, 斎藤/サイトウ, 清水/シミズ, 山崎/ヤマザキ, 森/モリ, 池田/イケダ,
橋本/ハシモト, 阿部/アベ, 石川/イシカワ, 山﨑/ヤマザキ, 𠮷田/ヨシダ, 髙橋/タカハシ, 渡邉/ワタナベ,
齋藤/サイトウ, 前田/マエダ, 藤田/フジタ, 小川/オガワ, 後藤/ゴトウ, 岡田/オカダ, 長谷川/ハセガワ, 村上/ムラカミ,
近藤/コンドウ, 石井/イシイ, 齊藤/サイトウ, 坂本/サカモト, 遠藤/エンドウ, 青木/アオキ, 藤井/フジイ,
西村/ニシムラ, 福田/フクダ, 太田/オオタ, 三浦/ミウラ, 岡本/オカモト, 松田/マツダ, 中島/ナカジマ, 葛󠄀城/カツラギ,
原田/ハラダ, 小野/オノ, 田村/タムラ, 竹内/タケウチ, 金子/カネコ, 和田/ワダ, 中山/ナカヤマ, 濵田/ハマダ,
五十嵐/イガラシ, 勅使河原/テシガワラ, 髙木/タカギ, 宮﨑/ミヤザキ, 金城/キンジョウ, 比嘉/ヒガ, 宇佐美/ウサミ,
辻󠄀/ツジ
""")
GIVEN_FEMALE = _read("""
陽葵/ヒマリ, 凛/リン, 紬/ツムギ, 結菜/ユイナ, 咲良/サクラ, 芽依/メイ, 葵/アオイ, 莉子/リコ, 美咲/ミサキ,
杏/アン, 結衣/ユイ, さくら/サクラ, 心春/コハル, 詩/ウタ, 花/ハナ, 彩花/アヤカ, 琴音/コトネ, 七海/ナナミ,
優奈/ユウナ, 千尋/チヒロ, 朱里/アカリ, ひなた/ヒナタ, 和花/ノドカ, 楓/カエデ, 茉莉花/マリカ, 瑞希/ミズキ,
エマ/エマ, 真央/マオ, 遥/ハルカ, 桜󠄁/サクラ
""")
GIVEN_MALE = _read("""
蓮/レン, 陽翔/ハルト, 蒼/アオイ, 湊/ミナト, 樹/イツキ, 大翔/ヒロト, 悠真/ユウマ, 律/リツ, 朝陽/アサヒ,
結翔/ユイト, 颯太/ソウタ, 奏/カナデ, 陸/リク, 大和/ヤマト, 健太/ケンタ, 翔太/ショウタ, 拓海/タクミ,
一郎/イチロウ, 駿/シュン, 航/ワタル, 圭祐/ケイスケ, 海斗/カイト, 直樹/ナオキ, 瑛太/エイタ, 亮/リョウ,
優斗/ユウト, 怜/レイ, 誠/マコト, 空/ソラ, レオ/レオ
""")
PLACES = _listed("""
あおぞら, みどり, ひかり, 桜台, 若葉, 中央, 東山, 南原, 北沢, 西浜, 朝日, 松風, 星見, 花園, 清流, 青葉, 月岡,
日向, 竹島, 緑丘
""")
TOWN = "あおぞら市"
