"""The headers of columns that number stages: "sort_order" in a table of stages, "Stage No." beside a label."""

from __future__ import annotations

from functools import cache

from funnel.mapping.headers import squashed, words

KINDS = ("order", "number", "id", "chance")
"""What a column can number stages by, the surest first; `chance` is how likely they are to be won."""
_WORDS = {
    "order": "order sort sorting position pos sequence seq rank ordinal reihenfolge rang порядок позиция сортировка сортировки"
    " orden ordre ordem posición posição secuencia sequência հերթականություն ترتيب ترتیب ลำดับ",
    "number": "number no nr num index idx номер número numero nummer numéro համար رقم شماره",
    "id": "id",
    "chance": "probability probabilidad probabilidade wahrscheinlichkeit probabilité вероятность chance",
    "stage": "stage status phase step этап этапа стадия стадии статус статуса шаг шага etapa fase étape stufe schritt estado estágio"
    " փուլ փուլի مرحلة المرحلة مرحله ขั้นตอน สถานะ",
    "other": "of the de da do du la le der des deal lead sales opportunity pipeline display default win close current new to percent"
    " сделки воронки negócio",
}


def numbering_kind(header: str, label: str | None = None) -> str | None:
    """What a column numbers stages by; None where its header says anything else. Beside a `label` column, the header must say that
    it is the stage that is numbered, unless it says how likely a win is."""
    parts: set[str] = set()
    for word in words(header):
        found = _parts(word)
        if not found and word not in words(label or ""):
            return None
        parts |= found or {"stage"}
    kind = next((kind for kind in KINDS if kind in parts), None)
    return kind if label is None or kind == "chance" or "stage" in parts else None


@cache
def _parts(word: str) -> frozenset[str]:
    """What a word of a header says, also of two words written as one ("sortorder"); nothing where it is unknown."""
    known = {squashed(text): part for part, texts in _WORDS.items() for text in texts.split()}
    if word in known:
        return frozenset({known[word]})
    splits = ((word[:end], word[end:]) for end in range(1, len(word)))
    both = ({known[one], known[other]} for one, other in splits if one in known and other in known)
    return frozenset(next(both, set()))
