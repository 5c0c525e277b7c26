"""信用风险等级 as the platforms write it, to A, B, C or D.

In: the text of a cell. Out: a class, or nothing where the text says none or two. May import: the standard
library.

《市场监管总局关于推进企业信用风险分类管理进一步提升监管效能的意见》 (2022) names four classes:
信用风险低（A 类）, 信用风险一般（B 类）, 信用风险较高（C 类）, 信用风险高（D 类）. Platforms leave out or
add the words around them.
"""

import re

_LEVELS = {"低": "A", "一般": "B", "较高": "C", "高": "D"}
_AROUND = re.compile(r"信用|风险|分类|等级|企业|主体|[类级()\[\]\-_/:,、·]")
_PART = re.compile(r"较高|一般|低|高|[a-d]")


def risk_class(text: str) -> str | None:
    """The class that a normalised text (lower case, ASCII punctuation, no blanks) names by letter, by level,
    or by both: ``a``, ``a类``, ``低风险``, ``信用风险低(a类)``, ``c-较高``. ``None`` where letter and level
    disagree or anything else is said (``中``, ``未分类``)."""
    rest = _AROUND.sub("", text)
    parts = _PART.findall(rest)
    if not parts or "".join(parts) != rest or len(parts) > 2:
        return None
    found = {_LEVELS.get(part) or part.upper() for part in parts}
    return found.pop() if len(found) == 1 else None
