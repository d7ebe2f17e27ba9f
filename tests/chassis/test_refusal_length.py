"""The sentence of a refusal is cut to the greatest length, and is unchanged if it fits."""

import pytest

from microgov.services.chassis.fitting import MAX_CHARACTERS, fitting
from microgov.services.chassis.model import Refused

THEMES = [f"theme_{n} 第{n}类" for n in range(150)]


def test_a_long_list_is_cut_to_its_first_entries_and_the_number_of_the_others() -> None:
    refused = Refused(
        "unknown_theme",
        f"没有主题 x。可用：{'、'.join(THEMES)}。",
        f"There is no theme x. Choose one of: {', '.join(THEMES)}. Write it so.",
    )

    zh, en = refused.words.zh, refused.words.en
    assert zh.startswith("没有主题 x。可用：theme_0 第0类、theme_1 第1类、")
    assert zh.endswith("项）、theme_149 第149类。")
    assert en.startswith("There is no theme x. Choose one of: theme_0 第0类, theme_1 第1类, ")
    assert en.endswith(", theme_149 第149类. Write it so.")
    shown, more = en.count("theme_"), int(en.split("… (")[1].split(" more")[0])
    assert shown + more == len(THEMES)
    assert zh.count("theme_") + int(zh.split("另有 ")[1].split(" ")[0]) == len(THEMES)
    assert max(len(zh), len(en)) <= MAX_CHARACTERS
    assert min(len(zh), len(en)) > MAX_CHARACTERS - 50


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_long_quotation_is_cut_and_a_short_one_is_not(language: str) -> None:
    assert fitting("长" * MAX_CHARACTERS, language) == "长" * MAX_CHARACTERS
    assert fitting("长" * (MAX_CHARACTERS + 1), language) == "长" * (MAX_CHARACTERS - 1) + "…"
    assert len(fitting("a, b, " + "长" * 4000, language)) <= MAX_CHARACTERS
    listed = ", ".join(THEMES[:50])
    assert len(listed) <= MAX_CHARACTERS
    assert fitting(listed, language) == listed
