"""What enterprises do: industry codes (GB/T 4754-2017), tags, shares and legal forms.

In: nothing. Out: the table of trades. May import: nothing outside the standard library.
Shares are assumed; their order follows the economic census (``docs/reference/instances.md``).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade: industry code with section letter, word in the name, tag, share in per mille, form."""

    industry: str
    word: str
    tag: str
    permille: int
    form: str


TRADES: tuple[Trade, ...] = (
    Trade("F5211", "百货", "零售", 60, "company"),
    Trade("F5212", "超市", "食品零售", 55, "company"),
    Trade("F5213", "便利", "食品零售", 75, "shop"),
    Trade("F5221", "粮油", "粮食", 12, "shop"),
    Trade("F5227", "烟酒", "食品零售", 45, "shop"),
    Trade("F5232", "服装", "零售", 70, "shop"),
    Trade("F5251", "大药房", "药店", 22, "company"),
    Trade("F5265", "加油站", "加油站", 4, "company"),
    Trade("F5261", "汽车销售", "汽车销售", 8, "company"),
    Trade("F5167", "农资", "农资", 9, "shop"),
    Trade("F5169", "化工", "危化", 4, "company"),
    Trade("F5165", "建材", "零售", 30, "company"),
    Trade("H6110", "大酒店", "住宿", 4, "company"),
    Trade("H6121", "快捷酒店", "住宿", 8, "company"),
    Trade("H6129", "旅馆", "住宿", 14, "shop"),
    Trade("H6210", "饭", "餐饮", 62, "shop"),
    Trade("H6220", "快餐", "餐饮", 28, "shop"),
    Trade("H6231", "茶馆", "餐饮", 8, "shop"),
    Trade("H6291", "小吃", "餐饮", 32, "shop"),
    Trade("C1311", "米业", "粮食", 4, "company"),
    Trade("C1411", "食品", "食品生产", 10, "company"),
    Trade("C1811", "服饰", "工业", 24, "company"),
    Trade("C2110", "家具", "工业", 16, "company"),
    Trade("C2319", "印务", "印刷", 6, "company"),
    Trade("C2614", "化学", "危化", 3, "company"),
    Trade("C2710", "制药", "工业", 2, "company"),
    Trade("C3021", "水泥制品", "工业", 8, "company"),
    Trade("C3484", "机械", "工业", 34, "company"),
    Trade("C3852", "电器", "工业", 18, "company"),
    Trade("O8010", "家政", "家政", 12, "company"),
    Trade("O8040", "美容美发", "美容", 44, "shop"),
    Trade("O8051", "浴场", "洗浴", 6, "shop"),
    Trade("O8111", "汽车维修", "汽修", 22, "shop"),
    Trade("L7263", "劳务", "劳务", 10, "company"),
    Trade("L7271", "保安服务", "保安", 3, "company"),
    Trade("L7291", "旅行社", "旅行社", 5, "company"),
    Trade("L7111", "汽车租赁", "客货运", 4, "company"),
    Trade("L7299", "商务服务", "商务服务", 34, "company"),
    Trade("G5431", "物流", "客货运", 30, "company"),
    Trade("G5436", "能源运输", "客货运", 2, "company"),
    Trade("G5942", "化工仓储", "仓储", 1, "company"),
    Trade("G5990", "仓储", "仓储", 5, "company"),
    Trade("G6020", "快递", "快递", 8, "company"),
    Trade("E4710", "建筑工程", "建筑", 20, "company"),
    Trade("E5011", "装饰工程", "建筑", 22, "company"),
    Trade("K7010", "置业", "房产", 8, "company"),
    Trade("K7020", "物业", "物业", 12, "company"),
    Trade("K7030", "房产经纪", "房产", 10, "company"),
    Trade("P8310", "幼儿园", "学校", 7, "private"),
    Trade("P8321", "小学", "学校", 3, "public"),
    Trade("P8331", "初级中学", "学校", 2, "public"),
    Trade("P8391", "培训", "培训", 9, "private"),
    Trade("Q8411", "医院", "医疗", 2, "public"),
    Trade("Q8425", "诊所", "医疗", 9, "private"),
    Trade("Q8514", "养老", "养老", 3, "private"),
    Trade("R8760", "影院", "娱乐", 1, "company"),
    Trade("R9011", "歌舞娱乐", "娱乐", 4, "company"),
    Trade("R9013", "网吧", "娱乐", 4, "shop"),
    Trade("A0141", "蔬菜种植", "种植", 7, "coop"),
    Trade("A0313", "生猪养殖", "养殖", 4, "coop"),
    Trade("A0412", "水产养殖", "养殖", 2, "coop"),
    Trade("D4511", "燃气", "燃气", 1, "company"),
    Trade("D4610", "供水", "供水", 1, "company"),
    Trade("D4620", "污水处理", "污水", 1, "company"),
    Trade("N7724", "环保科技", "危废", 1, "company"),
    Trade("B1011", "石料", "矿山", 1, "company"),
    Trade("M7452", "检测", "检测", 3, "company"),
    Trade("M7449", "测绘", "测绘", 2, "company"),
)
"""All trades; the shares sum to 1000."""
