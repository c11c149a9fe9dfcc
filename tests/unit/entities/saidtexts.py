"""Invented texts in ten languages with what they name, for measuring; and texts that name nothing, though it looks so."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

import phonenumbers

from spean.entities.values.base58 import check_encode
from spean.entities.values.chains import checksummed
from spean.entities.values.device import luhn
from spean.entities.values.mrz import check_digit

Value = tuple[str, str, str]
"""Kind, as written, clean."""
DIGITS = {"km": "០១២៣៤៥៦៧៨៩", "th": "๐๑๒๓๔๕๖๗๘๙", "lo": "໐໑໒໓໔໕໖໗໘໙", "my": "၀၁၂၃၄၅၆၇၈၉"}
COUNTRY = {
    "en": "SG",
    "fr": "FR",
    "km": "KH",
    "th": "TH",
    "lo": "LA",
    "my": "MM",
    "zh": "CN",
    "ko": "KR",
    "vi": "VN",
    "id": "ID",
}
"""Language → where its writer's numbers are from."""


class Said(NamedTuple):
    """A text, where it is from, and what it names: kind and clean form."""

    text: str
    country: str
    names: frozenset[tuple[str, str]]


AROUND = {
    "en": ("He wrote from {} yesterday.", "Send it to {} now", "The victim gave {} and left."),
    "fr": ("Il a écrit depuis {} hier.", "Envoyez à {} tout de suite"),
    "km": ("គាត់បានផ្ញើពី {} ម្សិលមិញ។", "សូមផ្ញើទៅ{}ភ្លាម"),
    "th": ("เขาส่งมาจาก {} เมื่อวานนี้", "กรุณาส่งไปที่{}ทันที"),
    "lo": ("ລາວສົ່ງມາຈາກ {} ມື້ວານ", "ກະລຸນາສົ່ງໄປ {} ດຽວນີ້"),
    "my": ("သူသည် {} မှ မနေ့က ပို့ခဲ့သည်။", "ယခု {} သို့ ပို့ပါ"),
    "zh": ("他昨天从 {} 发来的。", "请立即发送到{}。"),
    "ko": ("그는 어제 {} 에서 보냈다.", "지금 {} 로 보내세요."),
    "vi": ("Hôm qua anh ấy gửi từ {} nhé.", "Hãy gửi tới {} ngay"),
    "id": ("Dia mengirim dari {} kemarin.", "Kirim ke {} sekarang"),
}
ACCOUNT = {"en": "account no. {}", "fr": "compte n° {}", "km": "គណនីលេខ {}", "th": "เลขบัญชี {}", "lo": "ບັນຊີ {}", "my": "ငွေစာရင်း {}", "zh": "账号：{}",
           "ko": "계좌번호 {}", "vi": "STK: {}", "id": "no rek {}"}  # fmt: skip
PASSPORT = {"en": "passport {}", "fr": "passeport n° {}", "km": "លិខិតឆ្លងដែន {}", "th": "หนังสือเดินทางเลขที่ {}", "lo": "ໜັງສືຜ່ານແດນ {}", "my": "ပတ်စပို့ {}",
            "zh": "护照号码{}", "ko": "여권번호 {}", "vi": "hộ chiếu số {}", "id": "paspor {}"}  # fmt: skip
DECOYS = (
    "The meeting is on 2026-03-04 at 10:30, room 1234567.",
    "Version 10.2.14.3 of the program; build 192.168.1.1 is no page.",
    "Serial 1490154203237518990 on the box.",
    "It ended.Is it over?He went home.it was late.",
    "File report.final.docx, page 12 of 345, ISBN 978-3-16-148410-0",
    "Order 4539 1488 0343 6467 0001 9999 1234",
    "รวม 123,456,789 คน ในปี 2569", "共计1234567890人，2026年3月4日", "총 12345678명이 2026년에",
    "ចំនួន ១២៣៤៥៦៧៨ នាក់", "UTC+07:00, 12:34:56.789, 2026/03/04 – 2026/03/09",
    "IMEI 490154203237517 has a typing error", "DE88370400440532013000 is no IBAN",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb has a wrong checksum",
    "0x12345 and deadbeef", "a@b and x @ y", "Mr. A.B.C. lives at No. 12345 Street 271",
    "Tel. is out of order", "account closed in 2025", "line up at the gate",
    "$ and € are signs", "passport lost", "3.14159265358979",
    "110105194912310021 has a wrong check digit", "Batch 20260304-123456-789",
)  # fmt: skip


def _local(digits: str, language: str, chance: Random) -> str:
    """Sometimes in the digits of the script."""
    return (
        digits.translate(str.maketrans("0123456789", DIGITS[language]))
        if language in DIGITS and chance.random() < 0.4
        else digits
    )


def _number(chance: Random, size: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(size))


def phone(chance: Random, language: str) -> Value:
    country = COUNTRY[language]
    while True:
        example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
        changed = str(example.national_number)[:-5] + _number(chance, 5)
        number = phonenumbers.PhoneNumber(country_code=example.country_code, national_number=int(changed))
        if phonenumbers.is_valid_number(number):
            break
    style = chance.choice(["INTERNATIONAL", "E164", "NATIONAL"])
    written = phonenumbers.format_number(number, getattr(phonenumbers.PhoneNumberFormat, style))
    if style == "NATIONAL" and language == "en":
        written = "tel " + written
    if style == "INTERNATIONAL" and chance.random() < 0.5:
        written = written.replace(" ", chance.choice(["-", ".", "\u00a0"]))
    clean = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return "phone", _local(written, language, chance), clean


def account(chance: Random, language: str) -> Value:
    digits = _number(chance, chance.randint(9, 14))
    return "account", ACCOUNT[language].format(_local(digits, language, chance)), digits


def passport(chance: Random, language: str) -> Value:
    number = chance.choice(["N", "AB", "M", "K"]) + _number(chance, 7)
    return "document", PASSPORT[language].format(number), number


def iban(chance: Random, language: str) -> Value:
    del language
    body = "37040044" + _number(chance, 10)
    check = 98 - int(body + "131400") % 97
    whole = f"DE{check:02d}{body}"
    written = " ".join(whole[at : at + 4] for at in range(0, 22, 4)) if chance.random() < 0.5 else whole
    return "iban", written, whole


def wallet(chance: Random, language: str) -> Value:
    del language
    payload = chance.randbytes(20)
    if chance.random() < 0.5:
        address = check_encode(b"\x41" + payload)
        return "wallet", address, f"tron:0x2b6653dc:{address}"
    address = checksummed("0x" + payload.hex())
    return "wallet", address, f"eip155:1:{address.lower()}"


def page(chance: Random, language: str) -> Value:
    del language
    host, path = (
        f"{chance.choice(['invest', 'bonus', 'tradex'])}{_number(chance, 3)}.example",
        f"/u{_number(chance, 2)}",
    )
    if chance.random() < 0.5:
        return "url", f"hxxps://{host.replace('.', '[.]')}{path}", f"https://{host}{path}"
    return "url", f"https://{host}{path}?r=1", f"https://{host}{path}?r=1"


def domain(chance: Random, language: str) -> Value:
    del language
    host = f"golden{_number(chance, 4)}.{chance.choice(['com', 'top', 'vip', 'com.kh', 'xyz'])}"
    return "domain", host.replace(".", "[.]") if chance.random() < 0.3 else host, host


def mail(chance: Random, language: str) -> Value:
    del language
    name = f"desk.{_number(chance, 3)}"
    return (
        "email",
        f"{name}[at]mail[.]example" if chance.random() < 0.3 else f"{name}@mail.example",
        f"{name}@mail.example",
    )


def address(chance: Random, language: str) -> Value:
    del language
    ip = f"203.0.113.{chance.randint(1, 254)}"
    return "ip", ip.replace(".", "[.]", 1) if chance.random() < 0.3 else ip, ip


def imei(chance: Random, language: str) -> Value:
    digits = "35" + _number(chance, 12)
    whole = digits + str(luhn(digits))
    written = f"{whole[:2]}-{whole[2:8]}-{whole[8:14]}-{whole[14]}" if chance.random() < 0.4 else whole
    return "imei", f"IMEI: {_local(written, language, chance)}", whole


def handle(chance: Random, language: str) -> Value:
    name = f"uncle{_number(chance, 3)}"
    words = {
        "th": ["ไลน์ไอดี: {}", "Line ID {}"],
        "zh": ["微信：{}", "WeChat: {}"],
        "ko": ["카톡 아이디: {}", "텔레그램 @{}"],
    }
    written = chance.choice(words.get(language, ["Telegram: @{}", "telegram @{}", "https://t.me/{}"]))
    platform = (
        "line"
        if "ine" in written or "ไลน์" in written
        else "wechat"
        if "微" in written or "Chat" in written
        else "kakaotalk"
        if "카톡" in written
        else "telegram"
    )
    return "handle", written.format(name), f"{platform}:{name}"


def amount(chance: Random, language: str) -> Value:
    whole = chance.randint(1_000, 9_999_999)
    ways = {"th": ("{} บาท", "THB"), "km": ("{}៛", "KHR"), "lo": ("{} ກີບ", "LAK"),
    "my": ("{} ကျပ်", "MMK"), "zh": ("{}元", "CNY"), "ko": ("{}원", "KRW"),
            "vi": ("{} đồng", "VND"), "id": ("Rp {}", "IDR"), "fr": ("{} EUR", "EUR")}  # fmt: skip
    way, currency = ways.get(language, ("US${}", "USD"))
    return "amount", way.format(f"{whole:,}"), f"{whole} {currency}"


def zone(chance: Random, language: str) -> Value:
    del language
    number = "N" + _number(chance, 7) + "<"
    birth, expires = f"{chance.randint(60, 99)}0{chance.randint(1, 9)}12", "310101"
    second = (
        f"{number}{check_digit(number)}KHM{birth}{check_digit(birth)}M{expires}{check_digit(expires)}" + "<" * 14 + "<"
    )
    second += str(check_digit(second[:10] + second[13:20] + second[21:43]))
    whole = "P<KHMSOK<<DARA".ljust(44, "<") + "\n" + second
    return "mrz", "\n" + whole + "\n", whole


def citizen(chance: Random, language: str) -> Value:
    del language
    body = f"110105{chance.randint(1950, 2005)}0{chance.randint(1, 9)}{chance.randint(10, 28)}{_number(chance, 3)}"
    rest = (
        sum(
            int(digit) * weight
            for digit, weight in zip(body, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), strict=True)
        )
        % 11
    )
    return "national-number", body + "10X98765432"[rest], f"CN:{body}{'10X98765432'[rest]}"


MAKERS: tuple[Callable[[Random, str], Value], ...] = (
    phone, phone, phone, account, passport, iban, wallet, page, domain, mail, address, imei, handle, amount, zone, citizen,
)  # fmt: skip


def texts(count: int, seed: int) -> list[Said]:
    """So many texts; two of three name one to three values, the third names none."""
    chance = Random(seed)
    found = []
    for number in range(count):
        language = chance.choice(list(AROUND))
        parts, names = [], set()
        for _ in range(chance.randint(1, 3) if number % 3 else 0):
            kind, written, clean = chance.choice(MAKERS)(chance, language)
            parts.append(chance.choice(AROUND[language]).format(written))
            names.add((kind, clean))
        if number % 3 == 0 or chance.random() < 0.5:
            parts.append(chance.choice(DECOYS))
        chance.shuffle(parts)
        found.append(Said("\n".join(parts), COUNTRY[language], frozenset(names)))
    return found
