"""What stands around a label and does not change its meaning: numbering, codes, pipelines, percentages, periods, pictures."""

from __future__ import annotations

import re

from funnel.core.spelling import normalised


def bare(label: str) -> str:
    """A label without its decorations; the label as it is where nothing else would be left."""
    text = _UNSEEN.sub("", label)
    for pattern in _DECORATIONS:
        text = pattern.sub("", text).strip() or text
    return text


def last_part(label: str) -> str:
    """What stands after the last separator ("Retail | Customer"): what a pipeline's or a product's name stands before."""
    return _SEPARATOR.split(label)[-1].strip()


def spaced(label: str) -> str:
    """The words of a label, as texts are compared; those of "ClosedWon" apart."""
    return normalised(_CAMEL.sub(" ", label))


_STAGE = (
    r"(?:stage|step|phase|status|s|этап|стадия|шаг|етап|крок|փուլ|مرحله|مرحلة|المرحلة|ขั้นตอนที่|ขั้นตอน|etapa|fase|étape|stufe|schritt"
    r"|aşama|adım|etap|krok|tahap|bước|giai đoạn|阶段|階段|第|단계)\s*"
)
_PERIOD = r"(?:(?:FY|CY)\s*'?\d{2,4}|(?:20\d\d|'\d\d)[\s_\-/]*[QH][1-4]|[QH][1-4](?:[\s_\-/]*(?:20)?\d\d)?|20\d\d)"
# Signs that only turn a letter into a picture.
_UNSEEN = re.compile(r"[\ufe0e\ufe0f\u20e3\u200d]")
_CODE = re.compile(r"^\s*(?:C\d+|DT\d+_\d+)\s*:\s*")
_PIPELINE = re.compile(
    r"\s*[(\[][^()\[\]]*(?:pipeline|funnel|воронк|лійк|ձագար|قمع|قیف|กรวย|embudo|funil|entonnoir|trichter|imbuto|lejek|漏斗|管道"
    r"|パイプライン|파이프라인)[^()\[\]]*[)\]]\s*$",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    rf"^[^\w(\[#№]*(?:{_STAGE})?[#№(\[]?\s*\d+(?:[.,]\d+)*\s*(?:%|[阶階]段|단계|(?=[\s.):\]\-–—_/|、．>→]))[\s.):\]\-–—_/|、．>→]*",
    re.IGNORECASE,
)
_LETTERING = re.compile(
    rf"^[^\w(\[]*(?:(?:{_STAGE})(?:[A-Z]|[IVX]{{1,4}})\s*(?:[.):]|\s[-–—])\s*|[(\[](?:[^\W\d_]|[IVX]{{1,4}})[)\]]\s*"
    r"|(?:[^\W\d_]|[IVX]{1,4})(?:[.)]\s*|\s+[-–—:]\s+|:\s+))(?=\w{2,})",
    re.IGNORECASE,
)
_PERIOD_BEFORE = re.compile(rf"^\s*[(\[]?{_PERIOD}[)\]]?\s*[:\-–—_/|]\s*", re.IGNORECASE)
_PERIOD_AFTER = re.compile(rf"(?:[\s_\-–—,:/|]+|\s*[(\[]\s*){_PERIOD}\s*[)\]]?\s*$", re.IGNORECASE)
_PERCENT = re.compile(r"[\s\-–—:,(\[]*\d+(?:[.,]\d+)?\s*%\s*[)\]]?\s*$")
_COUNT_AFTER = re.compile(r"\s*[(\[]\s*\d+\s*[)\]]\s*$")
_NUMBER_AFTER = re.compile(r"[\s_]+\d{3,}\s*$")
_DECORATIONS = (
    _CODE, _PIPELINE, _PERIOD_BEFORE, _NUMBERING, _LETTERING, _PERCENT, _COUNT_AFTER, _PERIOD_AFTER, _NUMBER_AFTER,
)  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SEPARATOR = re.compile(r"\s*[:：|>→»]\s*|\s+[-–—/\\]\s+")
