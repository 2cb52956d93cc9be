"""Ways of writing a moment, spelt out by hand: what the readers of dates are compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

ENGLISH = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
NAMES = {
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ru short": "янв. февр. мар. апр. мая июн. июл. авг. сент. окт. нояб. дек.",
    "ru alone": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "de short": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sep. Okt. Nov. Dez.",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "fr short": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "hr": "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "hu": "január február március április május június július augusztus szeptember október november december",
    "hy": "հունվարի փետրվարի մարտի ապրիլի մայիսի հունիսի հուլիսի օգոստոսի սեպտեմբերի հոկտեմբերի նոյեմբերի դեկտեմբերի",
    "hy short": "հնվ փտվ մրտ ապր մյս հնս հլս օգս սեպ հոկ նոյ դեկ",
    "hy alone": "հունվար փետրվար մարտ ապրիլ մայիս հունիս հուլիս օգոստոս սեպտեմբեր հոկտեմբեր նոյեմբեր դեկտեմբեր",
    "th": "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
    "th short": "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}
MONTHS = {language: names.split() for language, names in NAMES.items()}
DAY, MINUTE, SECOND, MONTH = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1), "month"


@dataclass(frozen=True)
class Writing:
    """One way of writing a moment: to which unit it says it, what the reader calls it, and how."""

    name: str
    unit: timedelta | str
    title: str
    text: Callable[[datetime], str]

    def said(self, moment: datetime) -> datetime:
        """What of the moment the text can tell."""
        if self.unit == MONTH:
            return datetime(moment.year, moment.month, 1)
        assert isinstance(self.unit, timedelta)
        return moment - (moment - datetime(1900, 1, 1)) % self.unit


def _ordinal(day: int) -> str:
    return f"{day}" + ("th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th"))


def _named(pattern: str, language: str) -> Callable[[datetime], str]:
    """The pattern in format's way; {N} is the month in this language, {B} the Buddhist year, {b} its last two digits."""

    def text(at: datetime) -> str:
        half = "p" if at.hour >= 12 else "a"
        return pattern.format(
            N=MONTHS[language][at.month - 1], y=at.year, m=at.month, d=at.day, H=at.hour, M=at.minute, S=at.second,
            h=at.hour % 12 or 12, half=half, B=at.year + 543, b=(at.year + 543) % 100,
        )  # fmt: skip

    return text


def _english(pattern: str) -> Callable[[datetime], str]:
    """The same with {N} the English month, {n} its first three letters, {W} and {w} the weekday, {o} the 8th."""

    def text(at: datetime) -> str:
        month, weekday = ENGLISH[at.month - 1], WEEKDAYS[at.weekday()]
        return pattern.format(
            N=month, n=month[:3], W=weekday, w=weekday[:3], o=_ordinal(at.day), y=at.year, m=at.month, d=at.day,
            H=at.hour, M=at.minute, S=at.second, h=at.hour % 12 or 12, half="PM" if at.hour >= 12 else "AM",
        )  # fmt: skip

    return text


def _offset(pattern: str, zones: tuple[str, ...]) -> Callable[[datetime], str]:
    """An English pattern with {z}: one of the zones, by the month."""
    return lambda at: _english(pattern.replace("{z}", zones[at.month % len(zones)]))(at)


def _serial(digits: int) -> Callable[[datetime], str]:
    def text(at: datetime) -> str:
        days = (at - datetime(1899, 12, 30)) / timedelta(days=1)
        return f"{days:.{digits}f}" if digits else f"{(at - datetime(1899, 12, 30)).days}"

    return text


WRITINGS = [
    Writing("iso day", DAY, "YYYY-MM-DD", _english("{y}-{m:02}-{d:02}")),
    Writing("iso", SECOND, "YYYY-MM-DDThh:mm:ssZ", _english("{y}-{m:02}-{d:02}T{H:02}:{M:02}:{S:02}Z")),
    Writing("iso, zone named", SECOND, "YYYY-MM-DDThh:mm:ss±hh:mm zone",
            _english("{y}-{m:02}-{d:02}T{H:02}:{M:02}:{S:02}+01:00[Europe/Berlin]")),
    Writing("year first, 12 hours", SECOND, "YYYY/MM/DD hh:mm:ss AM/PM",
            _english("{y}/{m:02}/{d:02} {h:02}:{M:02}:{S:02} {half}")),
    Writing("db2", SECOND, "YYYY-MM-DD-hh.mm.ss.ffffff", _english("{y}-{m:02}-{d:02}-{H:02}.{M:02}.{S:02}.000000")),
    Writing("compact", DAY, "YYYYMMDD", _english("{y}{m:02}{d:02}")),
    Writing("compact minute", MINUTE, "YYYYMMDDhhmm", _english("{y}{m:02}{d:02}{H:02}{M:02}")),
    Writing("compact with clock", SECOND, "YYYYMMDD hh:mm:ss", _english("{y}{m:02}{d:02} {H:02}:{M:02}:{S:02}")),
    Writing("czech", MINUTE, "D. M. YYYY h:mm", _english("{d}. {m}. {y} {H}:{M:02}")),
    Writing("finnish", MINUTE, "D.M.YYYY klo h.mm", _english("{d}.{m}.{y} klo {H}.{M:02}")),
    Writing("ru dotted в", MINUTE, "DD.MM.YYYY в hh:mm", _english("{d:02}.{m:02}.{y} в {H:02}:{M:02}")),
    Writing("bg", MINUTE, "D.MM.YYYY г., h:mm ч.", _english("{d}.{m:02}.{y} г., {H}:{M:02} ч.")),
    Writing("uhr", MINUTE, "DD.MM.YYYY, hh:mm Uhr", _english("{d:02}.{m:02}.{y}, {H:02}:{M:02} Uhr")),
    Writing("es dotted halves", SECOND, "D/MM/YYYY h:mm:ss AM/PM", _named("{d}/{m:02}/{y} {h}:{M:02}:{S:02} {half}. m.", "es")),
    Writing("es narrow halves", MINUTE, "D/M/YYYY, h:mm AM/PM",
            _named("{d}/{m}/{y}, {h}:{M:02}\u202f{half}.\u00a0m.", "es")),
    Writing("clock first", MINUTE, "hh:mm DD.MM.YYYY", _english("{H:02}:{M:02} {d:02}.{m:02}.{y}")),
    Writing("ordinal first", DAY, "Month Dth, YYYY", _english("{N} {o}, {y}")),
    Writing("ordinal", DAY, "Dth Mon YYYY", _english("{o} {n} {y}")),
    Writing("ordinal of", DAY, "Dth Month YYYY", _english("the {o} of {N} {y}")),
    Writing("ctime", SECOND, "Mon D hh:mm:ss YYYY", _english("{w} {n} {d:>2} {H:02}:{M:02}:{S:02} {y}")),
    Writing("ctime utc", SECOND, "Mon D hh:mm:ss UTC YYYY", _english("{w} {n} {d:>2} {H:02}:{M:02}:{S:02} UTC {y}")),
    Writing("ctime offset", SECOND, "Mon DD hh:mm:ss ±hhmm YYYY",
            _english("{w} {n} {d:02} {H:02}:{M:02}:{S:02} +0000 {y}")),
    Writing("rfc", SECOND, "DD Mon YYYY hh:mm:ss ±hhmm",
            _offset("{w}, {d:02} {n} {y} {H:02}:{M:02}:{S:02} {z}", ("+0000", "-0530", "+1400"))),
    Writing("rfc utc", SECOND, "DD Mon YYYY hh:mm:ss ±hhmm zone",
            _english("{w}, {d:02} {n} {y} {H:02}:{M:02}:{S:02} +0000 (UTC)")),
    Writing("rfc names", SECOND, "D Mon YYYY hh:mm:ss zone",
            _offset("{w}, {d} {n} {y} {H:02}:{M:02}:{S:02} {z}", ("EST", "PST", "CET", "CEST", "MSK", "PT"))),
    Writing("javascript", SECOND, "Mon DD YYYY hh:mm:ss GMT±hhmm zone",
            _offset("{w} {n} {d:02} {y} {H:02}:{M:02}:{S:02} {z}",
                    ("GMT+0100 (Central European Standard Time)", "GMT+0200 (Central European Summer Time)"))),
    Writing("oracle", SECOND, "DD-Mon-YYYY hh.mm.ss.ffffff AM/PM",
            _english("{d:02}-{n}-{y} {h:02}.{M:02}.{S:02}.000000 {half}")),
    Writing("log", SECOND, "DD/Mon/YYYY:hh:mm:ss ±hhmm", _english("{d:02}/{n}/{y}:{H:02}:{M:02}:{S:02} +0000")),
    Writing("year, name, day", DAY, "YYYY-Mon-DD", _english("{y}-{n}-{d:02}")),
    Writing("ru г.", DAY, "D Month YYYY г.", _named("{d} {N} {y} г.", "ru")),
    Writing("ru short", MINUTE, "D Month YYYY г., hh:mm", _named("{d} {N} {y} г., {H:02}:{M:02}", "ru short")),
    Writing("es", DAY, "D Month YYYY", _named("{d} de {N} de {y}", "es")),
    Writing("es del", MINUTE, "D Month YYYY a las h:mm AM/PM", _named("{d} de {N} del {y} a las {h}:{M:02} {half}.m.", "es")),
    Writing("pt", MINUTE, "D Month YYYY às hh:mm", _named("{d} de {N} de {y} às {H:02}:{M:02}", "pt")),
    Writing("de", DAY, "D. Month YYYY", _named("{d}. {N} {y}", "de")),
    Writing("de short", MINUTE, "D. Month YYYY hh:mm Uhr", _named("{d}. {N} {y} {H:02}:{M:02} Uhr", "de short")),
    Writing("fr", MINUTE, "D Month YYYY à hh:mm", _named("{d} {N} {y} à {H:02}:{M:02}", "fr")),
    Writing("fr first", DAY, "D Month YYYY",
            lambda at: _named("1er {N} {y}" if at.day == 1 else "{d} {N} {y}", "fr short")(at)),
    Writing("it", MINUTE, "D Month YYYY alle ore hh:mm", _named("{d} {N} {y} alle ore {H:02}:{M:02}", "it")),
    Writing("nl", MINUTE, "D Month YYYY om hh:mm", _named("{d} {N} {y} om {H:02}:{M:02}", "nl")),
    Writing("pl", DAY, "D Month YYYY r.", _named("{d} {N} {y} r.", "pl")),
    Writing("tr", MINUTE, "DD Month YYYY hh:mm", _named("{d:02} {N} {y} {H:02}:{M:02}", "tr")),
    Writing("hu", MINUTE, "YYYY. Month D. h:mm", _named("{y}. {N} {d}. {H}:{M:02}", "hu")),
    Writing("hy", DAY, "D Month YYYY թ.", _named("{d} {N} {y} թ.", "hy")),
    Writing("hy short", DAY, "DD Mon, YYYYթ․", _named("{d:02} {N}, {y}թ․", "hy short")),
    Writing("hy alone", DAY, "D Month YYYY", _named("{d} {N} {y}", "hy alone")),
    Writing("hy year first", DAY, "YYYY թ. Month Dth", _named("{y} թ. {N} {d}-ին", "hy")),
    Writing("ar", DAY, "D Month YYYY",
            lambda at: _named("{d} {N} {y}", "ar")(at).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))),
    Writing("th", DAY, "D Month YYYY (Buddhist)", _named("{d} {N} {B}", "th")),
    Writing("th era", DAY, "D Month YYYY (Buddhist)", _named("{d} {N} พ.ศ. {B}", "th")),
    Writing("th short", DAY, "D Month YYYY (Buddhist)", _named("{d} {N} {B}", "th short")),
    Writing("zh", DAY, "YYYY年M月D日", _named("{y}年{m}月{d}日", "de")),
    Writing("zh clock", MINUTE, "YYYY年M月D日 hh时mm分", _named("{y}年{m}月{d}日 {H:02}时{M:02}分", "de")),
    Writing("ja clock", MINUTE, "YYYY年MM月DD日 hh:mm", _named("{y}年{m:02}月{d:02}日 {H:02}:{M:02}", "de")),
    Writing("zh halves", MINUTE, "YYYY年M月D日 AM/PMh:mm",
            lambda at: _named("{y}年{m}月{d}日 {half}{h}:{M:02}", "de")(at).replace("a", "上午").replace("p", "下午")),
    Writing("ko", DAY, "YYYY년 M월 D일", _named("{y}년 {m}월 {d}일", "de")),
    Writing("ko halves", SECOND, "YYYY. M. D. AM/PM h:mm:ss",
            lambda at: _named("{y}. {m}. {d}. {half} {h}:{M:02}:{S:02}", "de")(at)
            .replace("a", "오전").replace("p", "오후")),
    Writing("vi", DAY, "D tháng M YYYY", _named("ngày {d} tháng {m} năm {y}", "de")),
    Writing("serial", SECOND, "Excel serial", _serial(10)),
    Writing("serial day", DAY, "Excel serial", _serial(0)),
    Writing("epoch", SECOND, "epoch s", lambda at: str((at - datetime(1970, 1, 1)) // SECOND)),
    Writing("epoch ms", SECOND, "epoch ms", lambda at: str((at - datetime(1970, 1, 1)) // SECOND * 1000)),
    Writing("month", MONTH, "Mon YYYY", _english("{n} {y}")),
    Writing("month long", MONTH, "Month YYYY", _english("{N} {y}")),
    Writing("month digits", MONTH, "YYYY-MM", _english("{y}-{m:02}")),
    Writing("month slashed", MONTH, "MM/YYYY", _english("{m:02}/{y}")),
    Writing("month ru", MONTH, "Month YYYY", _named("{N} {y}", "ru alone")),
    Writing("month es", MONTH, "Month YYYY", _named("{N} de {y}", "es")),
    Writing("month zh", MONTH, "YYYY年M月", _named("{y}年{m}月", "de")),
]  # fmt: skip
"""Each says day, month and year in an order that it leaves no doubt about, or day first."""
