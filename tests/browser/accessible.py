"""What axe-core and a ruler find on a page, and where the keyboard stands."""

from __future__ import annotations

import re

from tests.browser.conftest import missing

TARGETS = "a, button, summary, [role=button]"
LEAST = 24
SKIP_LINK = "stSkipToContent"
"""Streamlit's link past the bar: as large as a point until the keyboard is on it."""


def faults(page, *, floating: bool = False) -> list[tuple[str, str, str]]:  # type: ignore[no-untyped-def]
    """What breaks a rule of axe-core on the page as it stands: the rule, the element, why.

    `floating`: a list or a tip is open; the frontend puts these beside the page's landmarks, which is no fault of theirs.
    """
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        missing("axe-playwright-python")
    rules = {"target-size": {"enabled": True}, **({"region": {"enabled": False}} if floating else {})}
    found = Axe().run(page, options={"rules": rules, "resultTypes": ["violations"]}).response
    return [
        (violation["id"], node["html"][:160], "; ".join(check["message"] for check in node["any"])[:200])
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def too_small(page) -> list[str]:  # type: ignore[no-untyped-def]
    """What can be clicked on and is less than 24 pixels wide or high."""
    return page.evaluate(
        """([targets, least, skip]) => [...document.querySelectorAll(targets)].filter(node => {
            const box = node.getBoundingClientRect();
            return node.checkVisibility({ visibilityProperty: true }) && node.dataset.testid !== skip && box.width > 0
              && !node.closest('[style*="clip-path"]')
              && Math.min(box.width, box.height) < least - 0.5;
        }).map(node => {
            const box = node.getBoundingClientRect();
            return `${node.outerHTML.slice(0, 160)} ${box.width} x ${box.height}`;
        })""",
        [TARGETS, LEAST, SKIP_LINK],
    )


def focused(page) -> str:  # type: ignore[no-untyped-def]
    """What is heard of the element that the keyboard is on: its name or its text; "" where the keyboard is nowhere."""
    return page.evaluate(
        """() => { const at = document.activeElement;
        if (!at || at === document.body) return '';
        const heard = at.cloneNode(true);
        for (const sign of heard.querySelectorAll('[aria-hidden=true]')) sign.remove();
        return (at.getAttribute('aria-label') ?? heard.textContent).trim(); }"""
    )


def tab_to(page, name: str, *, key: str = "Tab", most: int = 80) -> str:  # type: ignore[no-untyped-def]
    """Press Tab until the keyboard is on what is called so (a pattern); its name. An error where that does not come."""
    passed = []
    for _ in range(most):
        page.keyboard.press(key)
        passed.append(focused(page))
        if re.fullmatch(name, passed[-1]):
            return passed[-1]
    raise AssertionError(f"{name} was not reached by {key}, only {passed}")
