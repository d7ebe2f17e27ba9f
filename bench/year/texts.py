"""What people write about, made up: themes of matters with their words, and wishes."""

import random

THEMES = {
    "greening": ("菜地没人管", "南门边一米宽的菜地堆了杂物，气味大。"),
    "lighting": ("路灯不亮", "三号楼门口的灯坏了两个月，老人出门不便。"),
    "roads": ("路面积水", "施工后没有恢复路面，一下雨就积水。"),
    "parking": ("消防通道停车", "消防通道口总停着车，救护车进不来。"),
    "charging": ("电动车没处充电", "楼道里停满了车，有人飞线充电。"),
    "neighbours": ("夜间噪声", "棋牌室晚上十一点还很吵，睡不好。"),
    "waste": ("垃圾桶太远", "新的投放点离十二号楼四百米，腿脚不便的走不到。"),
    "renewal": ("外墙掉皮", "外墙掉皮，雨污管混接，下水道返味。"),
}
OPTIONS = ("大家共管，定期轮值。", "请物业统一整治。", "分期改造，先试点一栋。", "维持现状，半年后再议。")
WISHES = (
    "厨房水管漏水，想请人来修。",
    "想学用智能手机挂号。",
    "去医院复查，行动不便。",
    "想找人说说话。",
    "劳动合同想请人看看。",
)


def matter(chance: random.Random) -> tuple[str, str, str]:
    """Theme, title and text of something that a person brings up."""
    theme = chance.choice(sorted(THEMES))
    title, text = THEMES[theme]
    return theme, title, text


def drawn(shares: dict[str, float], chance: random.Random) -> str:
    """One of the keys, by their shares."""
    return chance.choices(list(shares), list(shares.values()))[0]
