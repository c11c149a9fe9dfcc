"""Derives ``han.tsv`` (readings and one folded form of Chinese characters) from the Unihan database of Unicode.

    python scripts/names_han.py FOLDER

FOLDER holds ``Unihan_Readings.txt``, ``Unihan_Variants.txt`` and ``Unihan_OtherMappings.txt`` (Unicode 15.0, Unicode licence;
Debian's package *unicode-data* has them, compressed).
"""

from __future__ import annotations

import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

DATA = Path(__file__).parents[1] / "src" / "spean" / "matching" / "names" / "data"
TONES = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
Fields = dict[str, dict[str, str]]


def fields(folder: Path) -> Fields:
    """Of each character: its fields and their values."""
    found: Fields = defaultdict(dict)
    for name in ("Readings", "Variants", "OtherMappings", "DictionaryLikeData"):
        for line in (folder / f"Unihan_{name}.txt").read_text("utf-8").splitlines():
            if line.startswith("U+"):
                code, field, value = line.split("\t", 2)
                found[chr(int(code[2:], 16))][field] = value
    return found


def numbered(syllable: str) -> str:
    """Pinyin with the number of its tone behind it (``zhì`` → ``zhi4``); ü is v."""
    tone, letters = "", ""
    for char in unicodedata.normalize("NFD", syllable):
        if char in TONES:
            tone = TONES[char]
        elif char == "\u0308":
            letters = letters[:-1] + "v"
        elif char.isascii() and char.isalpha():
            letters += char
    return letters + tone


def mandarin(known: dict[str, str]) -> list[str]:
    """Readings, the commonest first."""
    found = known.get("kMandarin", "").split()[:1]
    for field in ("kTGHZ2013", "kXHC1983"):
        for entry in known.get(field, "").split():
            found += entry.partition(":")[2].split(",")
    return list(dict.fromkeys(numbered(reading) for reading in found if reading))[:5]


def characters(value: str) -> list[str]:
    """The characters that a field of variants names."""
    return [chr(int(entry.split("<")[0][2:], 16)) for entry in value.split() if entry.startswith("U+")]


# Japanese characters since the reform of 1946, each before its older form: Unihan does not pair them.
REFORMED = (
    "沢澤浜濱辺邊斎齋斉齊広廣桜櫻滝瀧関關栄榮桧檜恵惠徳德寿壽実實豊豐蔵藏戸戶児兒禅禪団團売賣読讀姫姬渋澁続續焼燒静靜浅淺塩鹽円圓応應仏佛亜亞弥彌巌巖駅驛釈釋"
    "帰歸県縣経經剣劍検檢験驗権權顕顯鉄鐵画畫黒黑歳歲剤劑桟棧蚕蠶賛贊糸絲辞辭湿濕従從縦縱処處称稱証證奨奬条條乗乘浄淨嬢孃譲讓図圖穂穗随隨枢樞数數瀬瀨"
    "声聲専專銭錢践踐潜潛繊纖双雙壮壯争爭荘莊捜搜巣巢装裝総總騒騷増增臓臟属屬対對帯帶滞滯択擇単單断斷弾彈遅遲虫蟲昼晝鋳鑄庁廳徴徵聴聽鎮鎭転轉点點伝傳"
    "灯燈当當党黨盗盜稲稻闘鬪独獨届屆悩惱脳腦覇霸廃廢拝拜髪髮抜拔払拂変變宝寶毎每満滿黙默訳譯薬藥与與誉譽揺搖様樣謡謠来來頼賴乱亂覧覽両兩猟獵緑綠塁壘"
    "涙淚励勵礼禮隷隸霊靈齢齡暦曆歴歷恋戀錬鍊炉爐労勞楼樓録錄湾灣竜龍呉吳渉涉頻頻歩步彦彥衛衞"
)


def older_forms() -> dict[str, str]:
    """Of a Japanese simplified character, the form before the reform (沢: 澤)."""
    return dict(zip(REFORMED[::2], REFORMED[1::2], strict=True))


def folded(char: str, known: Fields, older: dict[str, str]) -> str:
    """The one form that a character and its variants share: simplified where there is one."""
    own = known[char]
    simplified = [other for other in characters(own.get("kSimplifiedVariant", "")) if other != char]
    if simplified:
        return simplified[0]
    if "kTGHZ2013" in own:
        return char
    if char in older:
        return folded(older[char], known, {})
    near = characters(own.get("kZVariant", "")) + characters(own.get("kSemanticVariant", ""))
    return next((other for other in near if "kTGHZ2013" in known[other] and reads_alike(own, known[other])), char)


def reads_alike(one: dict[str, str], other: dict[str, str]) -> bool:
    return one.get("kMandarin", "?").split()[0] == other.get("kMandarin", "!").split()[0]


def plain(text: str) -> str:
    """A Vietnamese reading without its marks."""
    return "".join(
        char for char in unicodedata.normalize("NFD", text.replace("đ", "d")) if char.isascii() and char.isalpha()
    )


def main() -> None:
    known = fields(Path(sys.argv[1]))
    older = older_forms()
    forms = {char: folded(char, known, older) for char in sorted(known)}
    partners: dict[str, list[str]] = defaultdict(list)
    for char, form in forms.items():
        partners[form].append(char)
    rows = []
    for char in sorted(known):
        own = known[char]
        pinyin = mandarin(own)
        if not pinyin or not (0x4E00 <= ord(char) <= 0x9FFF or "kTGHZ2013" in own or "kUnihanCore2020" in own):
            continue
        form = forms[char]
        together = [char, *partners[char], form]
        hangul = next((known[other]["kHangul"][0] for other in together if "kHangul" in known[other]), "")
        vietnamese = next(
            (
                plain(known[other]["kVietnamese"].split(" ")[0].lower())
                for other in together
                if "kVietnamese" in known[other]
            ),
            "",
        )
        cantonese = " ".join(own.get("kCantonese", "").split()[:2])
        rows.append("\t".join([char, "" if form == char else form, " ".join(pinyin), cantonese, hangul, vietnamese]))
    path = DATA / "han.tsv"
    path.write_text(
        "# character; folded form; Mandarin (v is ü); Cantonese (Jyutping); Korean; Vietnamese\n"
        + "\n".join(rows)
        + "\n",
        "utf-8",
    )
    print(len(rows), path.stat().st_size)


if __name__ == "__main__":
    main()
