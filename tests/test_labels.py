"""What labels of real CRMs mean, worked out by hand."""

from __future__ import annotations

import pytest

from funnel import catalogue
from funnel.mapping import labels
from funnel.nouns import IGNORED, LOST_CONCEPTS

KNOWN = """
awareness: Awareness | Visitor | Website visit | subscriber | Target account | Осведомлённость | Իրազեկում | الوعي
awareness: آگاهی | การรับรู้
interest: Interest | Webinar attended | Content Downloaded | Nurturing | Contact in Future | Интерес | Հետաքրքրություն
interest: الاهتمام | علاقه | ความสนใจ
lead: Lead | New | New lead | NEW | C14:NEW | DT128_5:NEW | lead | Prospecting | Lead Generation
lead: Open - Not Contacted | Not Contacted
lead: Неразобранное | Новая заявка | Incoming leads | Leads Entrantes | Neu | Nouveau | عميل محتمل جديد | سرنخ جدید
lead: ลีดใหม่ | Լիդ | Uncontacted
lead: 1. New | 01 - New Lead | Stage 1: New | A_SUBMITTED | Application submitted | Lead captured | Not yet contacted
contacted: Contacted | Contact Made | Attempted to Contact | Working - Contacted | Initial contact | Первичный контакт
contacted: First call
contacted: Contato inicial | Contacto inicial | Erstkontakt | Premier contact | تم التواصل | تماس اولیه | ติดต่อแล้ว
contacted: ATTEMPTED_TO_CONTACT
mql: MQL | Marketing Qualified Lead | marketingqualifiedlead | Pre-Qualified | mqls | hs: MQL
qualified: SQL | SAL | Qualified | Qualified lead | Sales Qualified Lead | salesqualifiedlead | qualifiedtobuy
qualified: Qualified To Buy | Qualification
qualified: Discovery | Lead qualified | Квалификация | Квалифицирован | Qualificado | مؤهل | واجد شرایط
qualified: ผ่านการคัดกรอง | Որակավորված | Good lead
qualified: Качественный лид | Discovery call (30%) | 2 - Qualified (Sales Pipeline)
preparation: Needs Analysis | Needs Assessment | Выявление потребностей | PREPARATION | C2:PREPARATION | تحلیل نیاز
preparation: Bedarfsanalyse
meeting: Meeting | appointmentscheduled | Appointment Scheduled | Meeting scheduled | Встреча назначена
meeting: Customer meeting | 1st meeting | Termin
meeting: Meeting with customer | Reunión agendada | Rendez-vous pris | اجتماع | جلسه | นัดหมาย
demo: Demo | Demo Scheduled | presentationscheduled | Presentation Scheduled | Demo completed | Демонстрация
demo: Презентация проведена | Demo call
demo: Ցուցադրություն | عرض توضيحي | دمو | การสาธิต | Demonstração | Demo/Making | Demo with client
evaluation: Evaluation | Perception Analysis | Technical validation | Оценка | Գնահատում | التقييم | ارزیابی
evaluation: การประเมิน
engagement: Engaging | Engaged | Engagement | Follow-up | Discussions | Ներգրավում | التفاعل | تعامل | การมีส่วนร่วม
engagement: Вовлечение | Seguimiento
proposal: Proposal | Proposal/Quote Preparation | Proposal/Price Quote | Proposal Made | Proposal sent | Proposition
proposal: Value Proposition | Quote
proposal: Quotation | КП отправлено | Коммерческое предложение | Angebot | Devis envoyé | Propuesta | Առաջարկ
proposal: پیشنهاد قیمت | ใบเสนอราคา
proposal: PREPAYMENT_INVOICE | Счёт на предоплату | Contract proposal sent | Proposal to customer | Proposal (60%)
proposal: 75% - Proposal
additional_offer: Additional offer | Revised proposal | Дополнительное предложение
pilot: Pilot | POC | Proof of Concept | Trial | Trial started | Пилот | Пробный период
approval: decisionmakerboughtin | Decision Maker Bought-In | Id. Decision Makers | Identify Decision Makers
approval: Принимают решение | Decision making
approval: Tomada de decisão | Toma de decisiones | Legal review | Budget approval | Approved | การตัดสินใจ | القرار
checks: Due diligence | Security review | Проверка безопасности | Compliance
negotiation: Negotiation | Negotiation/Review | Negotiations Started | contractsent | Contract Sent | Closing
negotiation: Contract discussion | Переговоры
negotiation: Согласование договора | Verhandlung | Negociação | Բանակցություններ | التفاوض | مذاکره | การเจรจา
negotiation: FINAL_INVOICE | Negotiation with customer
negotiation: Ready to buy | Awaiting payment | Invoice not paid | Unsigned | Contract not signed
won: Won | WON | C14:WON | closedwon | Closed Won | Closed - won | Closed Won (Sales Pipeline) | ClosedWon | Customer
won: Signed | Paid
won: Contract signed | Activated | A_ACTIVATED | Deal won | Успешно реализовано | Сделка успешна | Договор подписан
won: Оплачено | Gewonnen | Gagné
won: Ganado | Fechado - ganho | Logrado con éxito | تم الفوز | فروش موفق | ปิดการขายสำเร็จ | Purchase
won: Proposal accepted | Շահված | Signed contract
won: Opportunity won | New customer
onboarding: Implementation/Onboarding | Follow-up/Customer Success | Customer success | Onboarding | Внедрение
onboarding: Go live | نجاح العميل
retention: Renewal | Retention | Продление | تجدید | Customer support
expansion: Renewal/Expansion | Upsell | Cross-sell | Расширение | Ընդլայնում
advocacy: Evangelist | Referral | Loyalty | Лояльность | الولاء | وفاداری | ความภักดี
lost: Lost | closedlost | Closed Lost | Closed - lost | Closed Lost to Competition | Lost Lead | Proposal rejected
lost: LOSE | C14:LOSE | APOLOGY
lost: Declined | A_DECLINED | Cancelled | O_CANCELLED | Churned | Rejected | Not interested | Not won
lost: Закрыто и не реализовано | Отказ
lost: Сделка провалена | Не реализовано | Verloren | Perdu | Perdido | Ventas Perdidos | Fechado - perdido | خسارة
lost: از دست رفته | ปิดการขายไม่สำเร็จ
lost: Կորցրած | Lost (no budget left for us) | Qualified, then lost | Closed - Not Converted
lost: Deal lost (Sales Pipeline)
disqualified: Prospect Qualified Out | Disqualified | Unqualified | Not Qualified | not-qualified | NOT QUALIFIED
disqualified: Junk Lead | Spam | Duplicate | JUNK | Не квалифицирован
disqualified: Некачественный лид | غير مؤهل | فاقد شرایط | ไม่ผ่านการคัดกรอง | No cualificado | Não qualificado
disqualified: Nicht qualifiziert
unresponsive: Unresponsive | No answer | No response | No show | Не отвечает | Недозвон | Ghosted | Sin respuesta
unresponsive: لا يرد | ไม่รับสาย | بدون پاسخ
ignored: Task | Call logged | Email sent | Note added | Task: send proposal | Meeting cancelled | Задача
unplaced: W_Completeren aanvraag | W_Nabellen offertes | W_Afhandelen leads | A_PARTLYSUBMITTED | O_SELECTED | 12345
unplaced: | --- | On hold
unplaced: Purple | GTX Basic | qwertyuiop | Not signed yet
"""
TABLE = [
    (label.strip(), line.split(":", 1)[0])
    for line in KNOWN.strip().splitlines()
    for label in line.split(":", 1)[1].split("|")
]


def test_the_table_is_large() -> None:
    assert len(TABLE) >= 300


@pytest.mark.parametrize(("label", "concept"), TABLE)
def test_label_means(label: str, concept: str) -> None:
    assert labels.guess(label)[0] == concept


@pytest.mark.parametrize(
    ("label", "concept"),
    [
        ("Negotation", "negotiation"),
        ("Qualifed", "qualified"),
        ("Propsal sent", "proposal"),
        ("Disqualfied", "disqualified"),
        ("Not contactd", "lead"),
        ("Подготвка", "preparation"),
        ("Presentaton", "demo"),
    ],
)
def test_a_misspelling_is_understood_with_less_confidence(label: str, concept: str) -> None:
    found, confidence = labels.guess(label)
    assert found == concept
    assert 0.75 <= confidence < labels.SAME_WORDS


def test_confidence_says_how_a_label_was_known() -> None:
    assert labels.guess("Closed Won") == ("won", 1.0)
    assert labels.guess("closed won") == ("won", 1.0)
    assert labels.guess("4. Closed_Won (Enterprise pipeline)") == ("won", 0.95)
    assert labels.guess("closedwon_123456") == ("won", 0.95)
    assert labels.guess("Closed") == ("won", 0.45)
    assert labels.guess("Opportunity") == ("evaluation", 0.45)
    assert labels.guess("Purple") == ("unplaced", 0.0)
    # "demo" is 4 of 9 signs, and nothing rivals it: 0.6 + 0.3 × 4 / 9.
    assert labels.guess("Demo Acme") == ("demo", 0.733)


def test_a_denied_stage_is_not_that_stage() -> None:
    denied = (
        "Not won",
        "Not qualified",
        "Not contacted",
        "Not signed",
        "Not paid",
        "Unsigned",
        "ไม่ผ่านการคัดกรอง",
        "не продано",
    )
    assert {labels.guess(label)[0] for label in denied} == {"lost", "disqualified", "lead", "unplaced", "negotiation"}


def test_every_name_of_a_concept_means_it_in_every_language() -> None:
    for concept in catalogue.concepts():
        for language, name in concept.names.items():
            assert labels.guess(name) == (concept.key, 1.0), (language, name)


def test_choices_offer_everything_a_label_can_mean() -> None:
    offered = labels.choices("ru")
    assert list(offered)[:3] == ["awareness", "interest", "lead"]
    assert list(offered)[-5:] == [*LOST_CONCEPTS, labels.UNPLACED, IGNORED]
    assert offered["won"] == "Сделка выиграна"
