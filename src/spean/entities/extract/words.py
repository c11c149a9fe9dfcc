"""Words beside which a bare number is an account, a passport or a telephone, in the languages of the region; and names of platforms."""

from __future__ import annotations

ACCOUNT = (
    "account", "acct", "a/c", "acc no", "acc.", "compte", "គណនី", "บัญชี", "เลขบัญชี", "ບັນຊີ",
    "ငွေစာရင်း", "စာရင်းနံပါတ်", "账号", "账户",
    "帐号", "帐户", "帳號", "卡号", "계좌", "tài khoản", "tai khoan", "số tk", "stk", "rekening",
    "no rek", "norek", "akaun", "deposito", "kontonummer",
)  # fmt: skip
PASSPORT = (
    "passport", "passeport", "លិខិតឆ្លងដែន", "ប៉ាស្ព័រ", "หนังสือเดินทาง", "พาสปอร์ต",
    "ໜັງສືຜ່ານແດນ", "ပတ်စပို့", "နိုင်ငံကူးလက်မှတ်", "护照", "護照",
    "여권", "hộ chiếu", "ho chieu", "paspor", "pasport", "pasaporte", "travel document",
)  # fmt: skip
NATIONAL = {
    "TH": ("บัตรประชาชน", "เลขประจำตัวประชาชน", "thai id", "เลขบัตร"), "CN": ("身份证", "公民身份号码"),
    "KR": ("주민등록번호", "주민번호", "resident registration"), "VN": ("cccd", "căn cước", "cmnd"),
    "MY": ("mykad", "nric", "ic no", "no. kp"),
    "ID": ("nik", "ktp"), "SG": ("nric", "fin no"), "HK": ("hkid", "香港身份證"), "TW": ("身分證",),
}  # fmt: skip


def _spaced(word: str) -> str:
    return word.replace("_", " ")


PHONE: dict[str, str] = {
    word: country
    for country, words in {
        "": "phone tel mobile cell call whatsapp viber sms hotline téléphone appel numero telefon wa",
        "KH": "ទូរសព្ទ ទូរស័ព្ទ លេខ", "TH": "โทร เบอร์ มือถือ", "LA": "ໂທ ເບີ", "MM": "ဖုန်း", "CN": "电话 手机 電話 联系",
        "KR": "전화 휴대폰 연락처 핸드폰", "VN": "điện_thoại sđt sdt gọi", "ID": "telepon hubungi hp", "MY": "nombor",
    }.items()
    for word in map(_spaced, words.split())
}  # fmt: skip
"""A word for a telephone, and the country whose numbers it tells when they have no code."""
SOLANA = ("solana", "sol ", "phantom", "spl")
PLATFORMS: dict[str, tuple[str, ...]] = {
    "telegram": ("telegram", "tele", "tg", "เทเลแกรม", "ទេឡេក្រាម", "តេឡេក្រាម", "ເທເລແກຣມ",
    "တယ်လီဂရမ်", "电报", "텔레그램"),
    "line": ("line id", "line", "ไลน์", "ไอดีไลน์", "ไลน์ไอดี", "라인"),
    "wechat": ("wechat", "weixin", "微信", "วีแชท", "วีแชต", "위챗", "wx"),
    "facebook": ("facebook", "fb", "เฟสบุ๊ค", "เฟซบุ๊ก", "ហ្វេសប៊ុក", "ເຟສບຸກ", "ဖေ့စ်ဘွတ်ခ်",
    "페이스북"),
    "instagram": ("instagram", "ig", "insta", "인스타"), "x": ("twitter",), "tiktok": ("tiktok",
    "틱톡", "ติ๊กต็อก"),
    "kakaotalk": ("kakaotalk", "kakao", "카카오톡", "카톡"), "zalo": ("zalo",), "viber": ("viber",),
    "qq": ("qq",), "discord": ("discord",),
    "skype": ("skype",), "signal": ("signal",),
}  # fmt: skip
CURRENCIES: dict[str, str] = {
    "us$": "USD", "usd": "USD", "$": "USD", "dollars": "USD", "ដុល្លារ": "USD",
    "ดอลลาร์": "USD", "美元": "USD", "달러": "USD", "€": "EUR", "eur": "EUR",
    "£": "GBP", "gbp": "GBP", "₩": "KRW", "krw": "KRW", "원": "KRW", "฿": "THB", "thb": "THB",
    "บาท": "THB", "baht": "THB", "៛": "KHR", "khr": "KHR",
    "រៀល": "KHR", "riel": "KHR", "₭": "LAK", "lak": "LAK", "ກີບ": "LAK", "kip": "LAK",
    "mmk": "MMK", "ကျပ်": "MMK", "kyat": "MMK", "₫": "VND", "vnd": "VND",
    "đồng": "VND", "cny": "CNY", "rmb": "CNY", "元": "CNY", "人民币": "CNY", "yuan": "CNY",
    "s$": "SGD", "sgd": "SGD", "hk$": "HKD", "hkd": "HKD", "nt$": "TWD",
    "twd": "TWD", "rm": "MYR", "myr": "MYR", "ringgit": "MYR", "rp": "IDR", "idr": "IDR",
    "rupiah": "IDR", "₱": "PHP", "php": "PHP", "pesos": "PHP",
    "jpy": "JPY", "¥": "CNY", "usdt": "USDT", "usdc": "USDC", "btc": "BTC", "eth": "ETH",
    "trx": "TRX", "bnb": "BNB",
}  # fmt: skip
_TOPS = """
    com net org info biz xyz top site online shop store club vip app dev io co cc tv me pro live life world win bet casino fun link click work loan
    money finance fund exchange trade markets capital crypto cloud host space website tech digital media news chat social email asia mobi name icu
    cyou cfd sbs buzz monster quest rest bond lol ink wang ren gov edu mil int arpa group team center support services solutions agency company
    systems global one kh th la mm my vn cn kr sg id ph bn tl hk tw mo jp in uk us eu de fr nl ru it es pt pl ch at be se no dk fi ie gr cz hu ro
    bg ua by kz uz ae sa il tr eg za ng ke gh br ar mx cl pe ca au nz pk bd lk np mv ir iq su ws to gg im is ga cf ml tk gq pw st sh ac ai vc ly
    fm am li so mn mu sc re as gs ms tf
"""
TOPS = frozenset(_TOPS.split())
"""Ends of names that are taken for domains without a sign that they are meant so; others only with a path, ``www`` or brackets."""
_WORDLIKE = """
    it is in to me no so at be by us as am my do la id re ms st im int name work one live life world team group money link news host
"""
WORDLIKE = frozenset(_WORDLIKE.split())
"""Ends that are words, too: *home.it was* is no domain."""
_NO_NAMES = """
    group channel account message messages chat user users number contact link video call bot app http https www and with from
"""
NO_NAMES = frozenset(_NO_NAMES.split())
"""Words after a platform's name that are no user's."""
