"""What banks call their columns, in the languages of the region. Compared without case, spaces, dots and brackets."""

# ruff: noqa: E501  (lists of words)
from __future__ import annotations

import re
import unicodedata

FIELDS: dict[str, str] = {
    "date": """date|transaction date|txn date|posting date|booking date|value date|trade date|date time|datetime|timestamp|transaction time stamp
        |วันที่|วันที่ทำรายการ|วันที่รายการ|วันเวลา|วัน/เดือน/ปี|日期|交易日期|记账日期|記帳日期|交易时间|交易日|入账日期|거래일자|거래일|거래일시|일자|날짜|거래날짜
        |ngày|ngày giao dịch|ngày gd|ngày hạch toán|ngày hiệu lực|tanggal|tgl|tanggal transaksi|tarikh|tarikh transaksi|petsa
        |កាលបរិច្ឆេទ|ថ្ងៃខែ|ថ្ងៃទី|ວັນທີ|ວັນທີເຮັດລາຍການ|ရက်စွဲ|နေ့စွဲ|取引日|日付|data|data da transação""",
    "time": "time|transaction time|เวลา|时间|時間|交易时刻|시간|거래시간|거래시각|giờ|thời gian|jam|waktu|masa|oras|ម៉ោង|ເວລາ|အချိန်|hora",
    "amount": """amount|transaction amount|txn amount|sum|value|จำนวนเงิน|ยอดเงิน|จำนวน|金额|金額|交易金额|发生额|發生額|거래금액|금액|이체금액|số tiền|số tiền gd
        |jumlah|nominal|mutasi|amaun|halaga|ចំនួនទឹកប្រាក់|ទឹកប្រាក់|ຈຳນວນເງິນ|ငွေပမာဏ|ပမာဏ|取引金額|valor|montante""",
    "debit": """debit|debit amount|withdrawal|withdrawals|money out|paid out|out|ถอน|ถอนเงิน|เดบิต|รายการถอน|หักบัญชี|支出|借方|借方金额|支出金额|转出|轉出|출금|출금액|출금금액|지급
        |찾으신금액|ghi nợ|nợ|phát sinh nợ|tiền ra|debet|keluar|pengeluaran|pengeluaran wang|ឥណពន្ធ|ដកប្រាក់|ប្រាក់ចេញ|ຖອນ|ໜີ້|ထုတ်ငွေ|出金|お支払金額|débito""",
    "credit": """credit|credit amount|deposit|deposits|money in|paid in|in|ฝาก|ฝากเงิน|เครดิต|รายการฝาก|เข้าบัญชี|收入|贷方|貸方|贷方金额|收入金额|存入|转入|轉入|입금|입금액|입금금액
        |맡기신금액|ghi có|có|phát sinh có|tiền vào|kredit|masuk|pemasukan|deposit wang|ឥណទាន|ដាក់ប្រាក់|ប្រាក់ចូល|ຝາກ|ມີ|သွင်းငွေ|入金|お預り金額|crédito""",
    "indicator": """dr/cr|cr/dr|d/c|c/d|debit/credit|debit or credit|direction|type|transaction type|ประเภท|ประเภทรายการ|收支|收支类型|借贷标志|借贷|借貸|入出金区分|입출금구분|구분|거래구분
        |loại|loại giao dịch|jenis|jenis transaksi|db/cr|uri|ប្រភេទ|ປະເພດ|အမျိုးအစား""",
    "balance": """balance|running balance|available balance|ledger balance|ยอดคงเหลือ|คงเหลือ|ยอดเงินคงเหลือ|余额|餘額|账户余额|잔액|거래후잔액|거래후 잔액|số dư|saldo|baki|balanse|សមតុល្យ
        |ຍອດເຫຼືອ|လက်ကျန်|လက်ကျန်ငွေ|残高""",
    "currency": "currency|ccy|cur|สกุลเงิน|币种|幣別|货币|币别|통화|통화코드|loại tiền|tiền tệ|mata uang|matawang|រូបិយប័ណ្ណ|ສະກຸນເງິນ|ငွေကြေး|通貨|moeda",
    "received": """received amount|amount received|received|counter amount|bought amount|buy amount|converted amount|จำนวนเงินที่ได้รับ|到账金额|兑换金额|买入金额|수취금액|환전금액|매수금액
        |số tiền nhận|số tiền quy đổi|jumlah diterima|jumlah konversi|amaun diterima|ទឹកប្រាក់ទទួល|montant reçu""",
    "received_currency": """received currency|currency received|counter currency|bought currency|buy currency|สกุลเงินที่ได้รับ|到账币种|兑换币种|买入币种|수취통화|매수통화
        |loại tiền nhận|mata uang diterima|mata wang diterima|រូបិយប័ណ្ណទទួល|devise reçue""",
    "account": """account|account no|account number|acct no|own account|เลขที่บัญชี|บัญชี|账号|帳號|账户|本方账号|卡号|계좌번호|계좌|số tài khoản|tài khoản|nomor rekening|no rekening|rekening
        |nombor akaun|no akaun|akaun|លេខគណនី|គណនី|ເລກບັນຊີ|စာရင်းနံပါတ်|口座番号|conta""",
    "payer": """payer|from|from account|sender|sender account|remitter|debit account|originator|source account|จากบัญชี|บัญชีผู้โอน|ผู้โอน|付款账号|付款人账号|付款方账号|转出账号|출금계좌|출금계좌번호|송금인계좌
        |tài khoản chuyển|tài khoản nguồn|rekening pengirim|dari rekening|pengirim|akaun pengirim|គណនីអ្នកផ្ញើ|ពីគណនី|ບັນຊີຜູ້ໂອນ""",
    "payee": """payee|to|to account|receiver|receiver account|beneficiary|beneficiary account|credit account|recipient|ไปยังบัญชี|บัญชีผู้รับ|ผู้รับโอน|ผู้รับ|收款账号|收款人账号|收款方账号|转入账号
        |입금계좌|입금계좌번호|수취인계좌|수취계좌|tài khoản nhận|tài khoản thụ hưởng|rekening penerima|ke rekening|penerima|akaun penerima|គណនីអ្នកទទួល|ទៅគណនី|ບັນຊີຜູ້ຮັບ""",
    "counterparty": """counterparty|counterparty account|other account|opposite account|บัญชีคู่โอน|บัญชีปลายทาง|บัญชีต้นทาง|คู่บัญชี|对方账号|對方帳號|对方账户|交易对手账号|상대계좌|상대계좌번호|상대 계좌번호
        |tài khoản đối ứng|tk đối ứng|rekening lawan|akaun lawan|គណនីដៃគូ|គណនីភាគីម្ខាងទៀត""",
    "counterparty_name": """counterparty name|name|beneficiary name|sender name|payee name|ชื่อบัญชี|ชื่อคู่โอน|ชื่อผู้รับ|ชื่อผู้โอน|ชื่อ|对方户名|對方戶名|户名|对方名称|交易对手|상대예금주|예금주
        |상대방|받는분|보낸분|의뢰인/수취인|의뢰인|tên|tên đối ứng|tên người nhận|nama|nama penerima|nama pengirim|ឈ្មោះ|ឈ្មោះអ្នកទទួល|ຊື່|အမည်""",
    "counterparty_bank": """counterparty bank|bank|beneficiary bank|bank code|bic|swift|ธนาคาร|รหัสธนาคาร|ธนาคารปลายทาง|对方银行|对方行名|开户行|对方开户行|상대은행|은행|은행명|거래은행|ngân hàng
        |ngân hàng đối ứng|nama bank|bank lawan|ធនាគារ|ທະນາຄານ|ဘဏ်""",
    "reference": """reference|reference no|reference number|ref|ref no|transaction id|transaction no|txn id|trace no|uetr|end to end id|เลขที่อ้างอิง|อ้างอิง|รหัสอ้างอิง|หมายเลขรายการ|流水号|交易流水号|流水號|参考号
        |订单号|凭证号|거래번호|참조번호|승인번호|고유번호|mã giao dịch|số tham chiếu|số gd|số chứng từ|no referensi|nomor referensi|no rujukan|rujukan|លេខយោង|លេខប្រតិបត្តិការ|ເລກອ້າງອີງ|ရည်ညွှန်းအမှတ်""",
    "text": """description|details|narrative|particulars|remarks|remark|memo|note|purpose|รายละเอียด|รายการ|หมายเหตุ|คำอธิบาย|บันทึกช่วยจำ|摘要|备注|備註|附言|用途|交易摘要|적요|내용|거래내용|메모|비고|기재내용
        |nội dung|diễn giải|mô tả|ghi chú|keterangan|uraian|berita|butiran|catatan|ពិពណ៌នា|បរិយាយ|កំណត់ចំណាំ|ລາຍລະອຽດ|ໝາຍເຫດ|အကြောင်းအရာ|摘要|お取引内容|descrição""",
}  # fmt: skip
OUT = frozenset(
    [
        "d",
        "dr",
        "db",
        "debit",
        "debet",
        "dbit",
        "out",
        "withdrawal",
        "paid",
        "ถอน",
        "เดบิต",
        "โอนออก",
        "支出",
        "借",
        "借方",
        "转出",
        "出",
        "출금",
        "지급",
        "이체출금",
        "nợ",
        "ghinợ",
        "tiềnra",
        "keluar",
        "pengeluaran",
        "debit",
        "ឥណពន្ធ",
        "ដក",
        "ចេញ",
        "ຖອນ",
        "出金",
        "-",
    ]
)
IN = frozenset(
    [
        "c",
        "cr",
        "credit",
        "kredit",
        "crdt",
        "in",
        "deposit",
        "received",
        "ฝาก",
        "เครดิต",
        "โอนเข้า",
        "รับโอน",
        "收入",
        "贷",
        "贷方",
        "貸",
        "转入",
        "入",
        "입금",
        "이체입금",
        "có",
        "ghicó",
        "tiềnvào",
        "masuk",
        "pemasukan",
        "ឥណទាន",
        "ដាក់",
        "ចូល",
        "ຝາກ",
        "入金",
        "+",
    ]
)
CURRENCIES = {
    "baht": "THB", "บาท": "THB", "฿": "THB", "元": "CNY", "人民币": "CNY", "人民币元": "CNY", "rmb": "CNY", "￥": "CNY", "원": "KRW", "원화": "KRW", "₩": "KRW", "vnđ": "VND",
    "đồng": "VND", "đ": "VND", "₫": "VND", "rp": "IDR", "rupiah": "IDR", "rm": "MYR", "ringgit": "MYR", "riel": "KHR", "រៀល": "KHR", "៛": "KHR", "ដុល្លារ": "USD",
    "us$": "USD", "$": "USD", "s$": "SGD", "₱": "PHP", "peso": "PHP", "ກີບ": "LAK", "₭": "LAK", "ကျပ်": "MMK", "k": "MMK", "円": "JPY", "¥": "JPY", "€": "EUR",
}  # fmt: skip
_NOISE = re.compile(r"[\s.:#*_\-()（）\[\]「」【】\u200b\ufeff]+")
_BRACKET = re.compile(r"[(（\[]([^)）\]]{1,20})[)）\]]")


def plain(text: str) -> str:
    """A header as it is compared."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).casefold())


def unit_in(header: str) -> str:
    """The currency that a header names in brackets: ``Amount (USD)``, ``금액(원)``; nothing when none."""
    found = _BRACKET.search(header)
    word = unicodedata.normalize("NFKC", found[1]).strip() if found is not None else ""
    return word.upper() if re.fullmatch("[A-Za-z]{3}", word) else CURRENCIES.get(word.casefold(), "")


KNOWN: dict[str, str] = {plain(word): field for field, words in FIELDS.items() for word in words.split("|")}


def field_of(header: str) -> tuple[str, float]:
    """The field that a column's header names, and how sure that is: 1 as a whole, 0.7 when it is a part; ``("", 0)`` when unknown."""
    whole = plain(header)
    bare = plain(_BRACKET.sub("", header))
    for name in (whole, bare):
        if name in KNOWN:
            return KNOWN[name], 1.0
    least = 4 if bare.isascii() else 2
    parts = [word for word in KNOWN if len(word) >= least and word in bare]
    return (KNOWN[max(parts, key=len)], 0.7) if parts else ("", 0.0)
