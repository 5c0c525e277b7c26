"""Word lists for invented names; no real person, firm or place is meant.

In: nothing. Out: tuples of words. May import: nothing.
"""

SURNAMES = tuple(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
"""Fifty common surnames."""

GIVEN = tuple("安宁瑞清远明和平雅文静思源若晨嘉树景行怀瑾子墨云帆知秋泽宇书瑶承志一凡诗涵俊哲雨桐")
"""Characters given names are put together from; doubled ones are simply likelier."""

BRAND_FIRST = tuple("鑫宏瑞恒盛泰福祥兴隆华美佳信诚达利通顺丰金玉聚源广安康博雅新锦")
BRAND_LAST = tuple("源达盛隆茂发荣昌和顺通泰丰裕华成兴业来福旺康祥瑞美佳宝德信诚")
"""A firm's name takes one of each."""

ROADS = (
    "解放路",
    "人民路",
    "建设路",
    "和平街",
    "新华路",
    "文化路",
    "工业大道",
    "滨河路",
    "学府路",
    "迎宾大道",
    "东风路",
    "幸福街",
)

TOWNS = ("城关镇", "柳林镇", "石桥镇", "双河镇", "高岭镇", "松坪乡", "大湾镇", "杏花镇")
"""One per cluster of a district."""

SUFFIXES = {
    "company": "有限公司",
    "shop": "店",
    "coop": "专业合作社",
    "private": "中心",
    "public": "",
}
"""Form of an organisation to the end of its name."""
