"""Invented people of twelve populations for ``bench/names.py``: how names are made, written and mistaken, apart from what the product knows.

A word is ``native:latin/another spelling/…`` (or only Latin); the first spelling is the commonest. Words that stand first are commoner.
Fitri and Fitriani, Rahman and Rahim, Hernandez and Fernandez stood here as spellings of one name until screening was measured by them:
they are two names each, whose bearers nobody could have known for one another.
"""

# ruff: noqa: E501  (tables of names, a population a line)
from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

TABLES: dict[str, dict[str, str]] = {
    "ko": {
        "family": "김:Kim/Gim 이:Lee/Yi/Rhee 박:Park/Bak/Pak 최:Choi/Choe 정:Jung/Jeong/Chung 강:Kang/Gang 조:Cho/Jo 윤:Yoon/Yun 장:Jang/Chang 임:Lim/Im "
        "한:Han 오:Oh 서:Seo/Suh 신:Shin/Sin 권:Kwon/Gwon 황:Hwang 안:Ahn/An 송:Song 류:Ryu/Yoo 홍:Hong 전:Jeon/Jun/Chun 고:Ko/Go 문:Moon/Mun 양:Yang 손:Son/Sohn "
        "배:Bae/Pae 백:Baek/Paik 허:Heo/Hur 남:Nam 심:Shim/Sim 노:Noh/Roh 하:Ha 곽:Kwak/Gwak 성:Sung/Seong 차:Cha 주:Joo/Ju 우:Woo 구:Koo/Gu",
        "first": "민:Min 지:Ji/Jee 서:Seo 준:Jun/Joon 현:Hyun/Hyeon 영:Young/Yeong 은:Eun/Un 수:Su/Soo 진:Jin 경:Kyung/Gyeong 동:Dong 상:Sang 재:Jae 성:Sung/Seong "
        "승:Seung 정:Jung/Jeong 미:Mi/Mee 혜:Hye 유:Yu/Yoo 태:Tae 하:Ha 예:Ye 소:So 종:Jong 주:Ju/Joo 창:Chang 철:Cheol/Chul 기:Ki/Gi 용:Yong 병:Byung/Byeong",
        "second": "희:Hee/Hui 호:Ho 우:Woo/U 영:Young/Yeong 민:Min 수:Su/Soo 진:Jin 연:Yeon/Youn 현:Hyun/Hyeon 훈:Hoon/Hun 원:Won 석:Seok/Suk 철:Chul/Cheol 숙:Sook/Suk 아:A/Ah "
        "경:Kyung/Gyeong 은:Eun 환:Hwan 윤:Yoon/Yun 규:Kyu/Gyu 빈:Bin 율:Yul 식:Sik/Shik 자:Ja 순:Soon/Sun 정:Jung/Jeong 혁:Hyuk/Hyeok 선:Sun/Seon 준:Jun/Joon 림:Rim/Lim",
    },
    "zh": {
        "family": "王:Wang 李:Li 张:Zhang 刘:Liu 陈:Chen 杨:Yang 黄:Huang 赵:Zhao 吴:Wu 周:Zhou 徐:Xu 孙:Sun 马:Ma 朱:Zhu 胡:Hu 郭:Guo 何:He 林:Lin 高:Gao 罗:Luo 郑:Zheng 梁:Liang "
        "谢:Xie 宋:Song 唐:Tang 许:Xu 邓:Deng 冯:Feng 韩:Han 曹:Cao 曾:Zeng 彭:Peng 萧:Xiao 蔡:Cai 潘:Pan 田:Tian 董:Dong 袁:Yuan 于:Yu 余:Yu 叶:Ye 蒋:Jiang 杜:Du 苏:Su 魏:Wei 程:Cheng 吕:Lyu/Lu 丁:Ding 沈:Shen",
        "first": "伟:Wei 芳:Fang 秀:Xiu 敏:Min 静:Jing 丽:Li 强:Qiang 磊:Lei 军:Jun 洋:Yang 勇:Yong 艳:Yan 杰:Jie 娟:Juan 涛:Tao 明:Ming 超:Chao 霞:Xia 平:Ping 刚:Gang 桂:Gui 建:Jian 志:Zhi 玉:Yu 红:Hong 文:Wen 晓:Xiao 小:Xiao 子:Zi 雨:Yu",
        "second": "*:* 英:Ying 华:Hua 兰:Lan 玲:Ling 强:Qiang 军:Jun 明:Ming 平:Ping 国:Guo 梅:Mei 红:Hong 珍:Zhen 龙:Long 峰:Feng 辉:Hui 鹏:Peng 飞:Fei 宇:Yu 涵:Han 轩:Xuan 怡:Yi 欣:Xin 琳:Lin 波:Bo 斌:Bin 浩:Hao 林:Lin 东:Dong 海:Hai 云:Yun",
    },
    "my": {
        "given": "အောင်:Aung ကျော်:Kyaw ဝင်း:Win မင်း:Min မြင့်:Myint ခင်:Khin ထွန်း:Tun/Htun မိုး:Moe ဇော်:Zaw သန်း:Than သိန်း:Thein စိုး:Soe လှ:Hla စန်း:San ဦး:Oo အေး:Aye နိုင်:Naing "
        "လွင်:Lwin မျိုး:Myo ဌေး:Htay တင်:Tin မြ:Mya လင်း:Lin/Linn မောင်:Maung ဝေ:Wai လှိုင်:Hlaing သူ:Thu ထက်:Htet ဖြိုး:Phyo/Phyoe စု:Su ညွန့်:Nyunt ကြည်:Kyi ကို:Ko ဇင်:Zin သန့်:Thant နွယ်:Nwe "
        "ရီ:Yi/Yee နှင်း:Hnin အိ:Ei ဆွေ:Swe ငြိမ်း:Nyein လေး:Lay မွန်:Mon သီတာ:Thida ယု:Yu ခိုင်:Khaing ရဲ:Ye သက်:Thet ဉာဏ်:Nyan မာ:Mar သီရိ:Thiri ဖြူ:Phyu စည်:Si ကောင်း:Kaung ထူး:Htoo ပြည့်:Pyae ရှိန်:Shein",
    },
    "km": {
        "family": "សុខ:Sok ចាន់:Chan ជា:Chea គឹម:Kim ហេង:Heng លី:Ly/Li កែវ:Keo លឹម:Lim ឡុង:Long មាស:Meas សេង:Seng សោម:Som អ៊ុក:Ouk/Ok ប៉ែន:Pen ព្រំ:Prum/Prom ទេព:Tep មាន:Mean ញ៉ែម:Nhem ឈឹម:Chhim ស៊ឹម:Sim "
        "ហ៊ុន:Hun តាំង:Taing/Tang ខៀវ:Khiev នួន:Nuon យិន:Yin អ៊ុំ:Oum/Um ឃុន:Khun ម៉ៅ:Mao សាន:San ជួន:Chuon រស់:Ros កុង:Kong ណុប:Nop អ៊ិន:In ទូច:Touch",
        "given": "ដារ៉ា:Dara សុភា:Sophea បុប្ផា:Bopha រតនា:Rattana/Ratana វិសាល:Visal សុខា:Sokha សុជាតា:Socheata ចាន់ថា:Chantha ពិសិដ្ឋ:Piseth វណ្ណា:Vanna សុផល:Sophal/Sophol ស្រីនាង:Sreyneang សំបាត់:Sambath "
        "រដ្ឋា:Ratha សុវណ្ណ:Sovann សុភ័ក្រ:Sopheak ធារី:Theary/Theari មករា:Makara ភារុណ:Phearun វាសនា:Veasna សារ៉ាត់:Sarat សុភាព:Sopheap ណារី:Nary/Nari រស្មី:Raksmey/Reaksmey ចន្ទ្រា:Chantrea សុធា:Sothea វិចិត្រ:Vichet "
        "បូរ៉ា:Bora កុសល:Kosal សុមាលី:Somaly/Somali ផល្លា:Phalla ស៊ីណា:Sina មុនី:Mony/Muny ពេជ្រ:Pich សុវត្ថិ:Sovath",
    },
    "th": {
        "given": "สมชาย:Somchai/Somchay สมศักดิ์:Somsak ประเสริฐ:Prasert สมพร:Somporn/Somphon วิชัย:Wichai/Vichai สุรชัย:Surachai อนันต์:Anan/Anant บุญมี:Boonmee/Bunmi สุดา:Suda มาลี:Malee/Mali วันชัย:Wanchai "
        "พรทิพย์:Pornthip/Porntip สุภาพร:Supaporn/Suphaphon กิตติ:Kitti นิภา:Nipa/Nipha อารี:Aree/Ari ธนา:Thana/Tana ชัยวัฒน์:Chaiwat ณัฐพล:Natthaphon/Nattapon พิชัย:Pichai/Phichai ศิริพร:Siriporn/Siriphon วิภา:Wipa/Vipa "
        "อรุณ:Arun จันทร์:Chan ประสิทธิ์:Prasit สุนทร:Sunthorn/Sunthon มนัส:Manat/Manas ปราณี:Pranee/Prani กมล:Kamol/Kamon อำนวย:Amnuay วรรณา:Wanna ธีระ:Teera/Thira สมบัติ:Sombat นภา:Napa/Napha",
        "family": "ใจดี:Jaidee/Chaidi ศรีสุข:Srisuk/Sisuk ทองดี:Thongdee/Thongdi แสงทอง:Saengthong บุญมา:Boonma/Bunma สุขสวัสดิ์:Suksawat แก้วมณี:Kaewmanee วงศ์สวัสดิ์:Wongsawat พงษ์พานิช:Pongpanich/Phongphanit "
        "จันทร์เพ็ญ:Chanpen/Janpen ทองคำ:Thongkham สายทอง:Saithong พรหมมา:Promma/Phromma ศรีวิชัย:Sriwichai/Srivichai อินทร์แก้ว:Inkaew ชัยมงคล:Chaimongkol/Chaimongkhon คำแก้ว:Khamkaew บุญเรือง:Boonruang วงษ์ทอง:Wongthong "
        "สุวรรณ:Suwan/Suwanna มณีรัตน์:Maneerat/Manirat ปัญญา:Panya รัตนพันธ์:Rattanapan/Rattanaphan ศรีทอง:Srithong แซ่ตั้ง:Saetang แซ่ลิ้ม:Saelim พึ่งสุข:Phuengsuk มีชัย:Meechai นาคทอง:Nakthong เพชรดี:Petchdee",
    },
    "lo": {
        "given": "ສົມພອນ:Somphone/Somphon ບຸນມີ:Bounmy/Bounmi ຄຳພອນ:Khamphone/Khamphon ສີສະຫວາດ:Sisavath ຈັນທາ:Chantha ວິໄລ:Vilay ບຸນທັນ:Bounthan ພອນສະຫວັນ:Phonesavanh ຄຳໄຊ:Khamxay/Khamsay ນາລີ:Naly/Nali "
        "ມະນີ:Many/Mani ສຸກສະຫວັນ:Souksavanh ພູທອນ:Phouthone ທອງໃສ:Thongsay/Thongxay ຄຳໃບ:Khambay ສຸພາ:Soupha ວັນນາ:Vanna ດາລາ:Dara ບົວພັນ:Bouaphanh ລັດສະໝີ:Latsamy/Latsami ສົມຈິດ:Somchit ຄຳຕັນ:Khamtan ໄຊຍະ:Xaya/Saya ອານຸ:Anou",
        "family": "ວົງສາ:Vongsa ພົມມະຈັນ:Phommachan/Phommachanh ສີສຸວັນ:Sisouvanh ແກ້ວມະນີ:Keomany ຈັນທະວົງ:Chanthavong ໄຊຍະວົງ:Xayavong/Sayavong ອິນທະວົງ:Inthavong ສຸວັນນະວົງ:Souvannavong ພິມມະສອນ:Phimmasone ບຸບຜາ:Boupha "
        "ສີຫາລາດ:Siharath ພັນທະວົງ:Phanthavong ຄຳມະວົງ:Khammavong ວິໄລພອນ:Vilayphone ທຳມະວົງ:Thammavong ລາຊະວົງ:Lasavong/Ratsavong ສຸລິຍາ:Souliya ພະຈັນ:Phachan ດວງຈັນ:Douangchanh ມະຫາວົງ:Mahavong",
    },
    "vi": {
        "family": "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Đoàn Lâm Trịnh Mai Huỳnh Trương",
        "middle": "Thị Văn Minh Thanh Ngọc Đức Hữu Quốc Xuân Hoàng Thu Kim Thành Quang Hồng Bảo Phương",
        "given": "Anh Hùng Hương Lan Tuấn Dũng Hạnh Hoa Nam Linh Long Hải Mai Phương Thảo Trang Hà Hiếu Sơn Tùng Yến Nga Huy Khánh Vy Đạt Thắng Hằng Bình Cường Nhung Thủy Quân Trung Tâm Tú Vân Đào",
    },
    "ms": {
        "given": "Muhammad/Mohamad/Mohd Ahmad Nur/Nor Siti Abdul Ismail Ibrahim Hassan/Hasan Ali Aminah Fatimah/Fatima Azman Rosli Zainal Hafiz Farah Aisyah/Aishah Nurul Syafiq/Shafiq Amir Haziq Izzati Faiz Rahman Rahim Osman/Othman Salmah Zulkifli/Zulkefli Kamal Noraini Hidayah",
        "link": "bin binti",
    },
    "id": {
        "given": "Muhammad/Mohammad Siti Nur Agus Sri Dewi Budi Eko Wahyu Ahmad Putri Dwi Tri Rina Rudi/Rudy Hendra Andi Yuni Ratna Fitri Fitriani Bayu Dian Indah Joko/Djoko Slamet Sutrisno Lestari Ayu Rizki/Rizky Fajar",
        "family": "Setiawan Putra Santoso/Santosa Wijaya Hidayat Saputra Kurniawan Susanto Pratama Nugroho Gunawan Sari Wulandari Rahayu Utami Suryadi/Soeryadi Hartono Suharto/Soeharto Wibowo Permana Siregar Nasution Simanjuntak Lubis Sitorus Harahap",
    },
    "fil": {
        "given": "Maria Jose Juan John Mark Mary Grace/Grace Joy Angelica Michael/Micheal Rosario Antonio Manuel Ricardo Eduardo Roberto Christian/Cristian Kristine/Christine Jennifer/Jenifer Jonathan/Jonatan Carlo/Karlo Joel Rowena Marites Rodel Reynaldo Danilo Ronaldo Lourdes Cristina/Christina",
        "middle": "Santos Reyes Cruz Garcia Mendoza Lopez Ramos Flores Villanueva Aquino Castro Rivera",
        "family": "Santos Reyes Cruz Bautista Ocampo Garcia Mendoza Torres Tomas Andrada/Andrade Castillo Flores Villanueva/Villaneuva Ramos Castro Rivera Aquino Navarro Salazar Mercado Dizon Pangilinan Lopez Gonzales/Gonzalez Hernandez Fernandez Perez Domingo Santiago Soriano Manalo",
    },
    "ar": {
        "given": "محمد:Mohammed/Muhammad/Mohamed أحمد:Ahmed/Ahmad علي:Ali حسن:Hassan/Hasan حسين:Hussein/Husain محمود:Mahmoud/Mahmud إبراهيم:Ibrahim عبدالله:Abdullah/Abdallah خالد:Khaled/Khalid عمر:Omar/Umar يوسف:Youssef/Yusuf صالح:Saleh/Salih "
        "مصطفى:Mustafa/Mostafa سعيد:Said/Saeed فاطمة:Fatima/Fatma مريم:Maryam/Mariam طارق:Tariq/Tarek سمير:Samir/Sameer نادية:Nadia رشيد:Rashid/Rachid كريم:Karim/Kareem جمال:Jamal/Gamal ليلى:Layla/Leila ياسر:Yasser/Yasir زينب:Zainab/Zeinab بلال:Bilal أنور:Anwar هشام:Hisham/Hesham",
        "family": "المصري:Al-Masri/Elmasry الحسن:Al-Hassan حداد:Haddad خوري:Khoury/Khouri نصار:Nassar منصور:Mansour/Mansur سليمان:Suleiman/Soliman الشامي:Al-Shami/Elshamy بكر:Bakr/Bakir صباح:Sabah قاسم:Qasim/Kassem النجار:Al-Najjar/Elnaggar عباس:Abbas فارس:Fares/Faris "
        "زيدان:Zidan/Zaidan حمدان:Hamdan غانم:Ghanem/Ghanim العلي:Al-Ali داود:Dawood/Daoud رحمن:Rahman شاهين:Shaheen/Shahin الخطيب:Al-Khatib/Elkhatib نعيم:Naim/Naeem",
    },
    "en": {
        "given": "James John/Jon Robert Michael/Micheal William David Richard Thomas Sarah/Sara Mary Emma Anna/Ana Catherine/Katherine Stephen/Steven Mark/Marc Philip/Phillip Geoffrey/Jeffrey Eric/Erik Nicholas/Nicolas Lucas Laura Julia Peter Alan/Allan Susan Karen Daniel Matthew/Mathew Andrew Paul",
        "family": "Smith/Smyth Johnson/Johnston Williams Brown/Browne Jones Miller Davis/Davies Wilson Anderson/Andersen Taylor Thompson/Thomson Moore White Harris Clark/Clarke Lewis Robinson Walker Hall Allen/Allan King Wright Scott Green/Greene Baker Adams Nelson Campbell Mitchell Roberts "
        "Turner Phillips/Philips Parker Evans Edwards Collins Stewart/Stuart Morris Rogers Reed/Reid Cook/Cooke Morgan Bell Murphy Bailey Cooper Richardson Cox Howard Ward Peterson/Petersen Gray/Grey Watson Brooks Kelly/Kelley Sanders Price Bennett Wood Barnes Ross Henderson Coleman Jenkins Perry Powell Long Hughes",
    },
}
FAMILY_FIRST = {"ko", "zh", "km", "vi"}
GLUED = {"ko", "zh"}
"""Whose given name of two syllables is written as one word, with a hyphen or as two; and without a space in their own script."""
WITHOUT_SPACES = {"ko", "zh", "my"}


@dataclass(slots=True)
class Word:
    native: str
    latin: list[str]


@dataclass(slots=True)
class Person:
    """Who one is; how it is written comes later."""

    population: str
    family: list[Word]
    given: list[Word]
    born: date
    marks: dict[str, str] = field(default_factory=dict)


def words(text: str) -> list[Word]:
    found = []
    for each in text.split():
        native, _, latin = each.rpartition(":")
        spellings = latin.split("/")
        found.append(Word("" if native == "*" else native or spellings[0], [] if latin == "*" else spellings))
    return found


POOLS = {population: {name: words(text) for name, text in table.items()} for population, table in TABLES.items()}


def pick(chance: random.Random, pool: list[Word]) -> Word:
    """The first are the commonest."""
    return chance.choices(pool, [1 / (3 + at) for at in range(len(pool))])[0]


def person(chance: random.Random, population: str) -> Person:
    pool = POOLS[population]
    born = date(1955, 1, 1) + timedelta(days=chance.randrange(50 * 365))
    if population == "my":
        count = chance.choices((2, 3, 4), (25, 60, 15))[0]
        return Person(population, [], [pick(chance, pool["given"]) for _ in range(count)], born)
    if population == "ms":
        own = [pick(chance, pool["given"]) for _ in range(chance.choice((1, 2, 2)))]
        father = [pick(chance, pool["given"]) for _ in range(chance.choice((1, 1, 2)))]
        return Person(population, father, own, born, {"link": chance.choice(("bin", "binti"))})
    if population == "ar":
        names = [pick(chance, pool["given"]) for _ in range(chance.choices((2, 3, 4), (35, 50, 15))[0])]
        return Person(
            population, [pick(chance, pool["family"] if chance.random() < 0.7 else pool["given"])], names, born
        )
    given = [pick(chance, pool[name]) for name in ("first", "second") if name in pool] or [pick(chance, pool["given"])]
    if "middle" in pool and chance.random() < (0.95 if population == "vi" else 0.4):
        given.insert(0 if population == "vi" else 1, pick(chance, pool["middle"]))
    if population in ("id", "en", "fil") and chance.random() < 0.35:
        given.insert(1, pick(chance, pool["given"]))
    return Person(population, [_family(chance, population)], [each for each in given if each.latin], born)


BUILT = {"th": 0.9, "lo": 0.7, "en": 0.6, "id": 0.3, "fil": 0.3}
"""Where family names are many: how many of them are built of two, as Thai ones are by law each family's own."""
_ENDS = [
    "ford",
    "wood",
    "man",
    "son",
    "ley",
    "ton",
    "field",
    "well",
    "bury",
    "worth",
    "stone",
    "brook",
    "shaw",
    "dale",
    "ham",
    "by",
]


def _family(chance: random.Random, population: str) -> Word:
    pool = POOLS[population]["family"]
    one = pick(chance, pool)
    if chance.random() > BUILT.get(population, 0.0):
        return one
    if population == "en":
        end = chance.choice(_ENDS)
        return Word("", [chance.choice(pool).latin[0][:5].rstrip("aeiouy") + end])
    other = chance.choice(pool)
    glue = "" if population in ("th", "lo") else "-"
    spellings = [one.latin[0] + (glue + other.latin[0] if glue else other.latin[0].lower())]
    spellings.append(one.latin[-1] + (glue + other.latin[-1] if glue else other.latin[-1].lower()))
    return Word(one.native + glue + other.native, spellings)


def native(who: Person) -> str:
    """As in one's own script, where that is not Latin."""
    family, given = ([each.native or each.latin[0] for each in some] for some in (who.family, who.given))
    if who.population == "ms":
        return " ".join([*given, who.marks["link"], *family])
    glue = "" if who.population in WITHOUT_SPACES else " "
    return glue.join(family + given if who.population in FAMILY_FIRST else given + family)


def latin(who: Person, chance: random.Random, official: bool = False) -> str:
    """A Latin spelling: the commonest one, or as people choose it."""

    def spelt(word: Word) -> str:
        plain = official or chance.random() < 0.6
        return word.latin[0] if plain else chance.choice(word.latin)

    family, given = [spelt(each) for each in who.family], [spelt(each) for each in who.given]
    if who.population == "vi" and not official and chance.random() < 0.7:
        family, given = [unmarked(each) for each in family], [unmarked(each) for each in given]
    if who.population in GLUED and len(given) == 2:
        how = 0 if official else chance.randrange(3)
        given = [(given[0] + given[1].lower(), f"{given[0]}-{given[1].lower()}", f"{given[0]} {given[1]}")[how]]
    if who.population == "ms":
        return " ".join([*given, who.marks["link"], *family])
    first = who.population in FAMILY_FIRST
    if not official and chance.random() < 0.15:
        first = not first
    name = " ".join(family + given if first else given + family)
    return name.upper() if not official and chance.random() < 0.3 else name


_MARKS = str.maketrans("ăâđêôơưĂÂĐÊÔƠƯ", "aadeoouAADEOOU")


def unmarked(word: str) -> str:
    import unicodedata

    plain = unicodedata.normalize("NFD", word)
    return "".join(char for char in plain if not unicodedata.combining(char)).translate(_MARKS)


def mistyped(name: str, chance: random.Random) -> str:
    """One slip of the hand within a Latin word."""
    if not name.isascii():
        return name
    places = [at for at in range(1, len(name) - 1) if name[at].isalpha() and name[at + 1].isalpha()]
    if not places:
        return name
    at = chance.choice(places)
    how = chance.randrange(3)
    if how == 0:
        return name[:at] + name[at + 1 :]
    if how == 1:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + chance.choice("aeionrstl") + name[at + 1 :]


def written_date(born: date, chance: random.Random, sure: bool) -> str:
    """As it stands in a list: whole, in part, or wrong."""
    roll = chance.random()
    if sure or roll < 0.90:
        return born.isoformat()
    if roll < 0.94:
        return str(born.year)
    if roll < 0.96:
        return born.isoformat()[:7]
    if roll < 0.98 and born.day <= 12:
        return date(born.year, born.day, born.month).isoformat()
    text = born.isoformat()
    for _ in range(20):
        at = chance.choice((2, 3, 5, 6, 8, 9))
        wrong = f"{text[:at]}{chance.randrange(10)}{text[at + 1 :]}"
        try:
            if date.fromisoformat(wrong) != born and 1930 < int(wrong[:4]) < 2020:
                return wrong
        except ValueError:
            continue
    return text
