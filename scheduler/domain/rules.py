"""The rule register: every rule of the roster with its text, source and state, as data.

Checks stand in :mod:`scheduler.verify`, constraints in :mod:`solvers`; tests walk this register and
fail where one of them, an accepting or a rejecting test, or the row in ``docs/reference/rules.md`` lacks.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One hard rule. ``state`` ``later`` rules are refused by name where a setting would switch them on.

    ``enforced`` says where the roster is kept inside the rule: by a ``constraint`` of the solver, by the
    way the ``problem`` is built (nothing else can be expressed), by the ``merge``, or by the ``frame``.
    """

    rule_id: str
    zh: str
    en: str
    source: str
    enforced: Literal["constraint", "problem", "merge", "frame", "nowhere"]
    state: Literal["in_force", "later"] = "in_force"


GUOFA = "国发〔2019〕5号"
LAW_PENALTY = "《行政处罚法》(2021) 第四十二条"
LAW_PENALTY_RECUSAL = "《行政处罚法》(2021) 第四十三条"
SETTING = "committed plan setting"

RULES: tuple[Rule, ...] = (
    Rule(
        rule_id="R01",
        zh="只查抽中的检查对象，或有依据的指令检查",
        en="only drawn enterprises, or ordered visits with their order",
        source=GUOFA,
        enforced="problem",
    ),
    Rule(
        rule_id="R02",
        zh="只派抽中的执法人员，或按票号顺序记录在案的递补人员（不超过承诺名额，逐次有据）",
        en="only drawn inspectors, or recorded reserves in ticket order, within k_max, each call justified",
        source=GUOFA,
        enforced="problem",
    ),
    Rule(
        rule_id="R03",
        zh="每个参加部门至少两名持证执法人员（另有设置时按一次上门计）",
        en="at least two certified officers per participating department (per visit, where configured so)",
        source=LAW_PENALTY,
        enforced="constraint",
    ),
    Rule(
        rule_id="R04",
        zh="检查当日每名执法人员的执法证有效",
        en="every officer's certificate is valid on the day",
        source=LAW_PENALTY,
        enforced="constraint",
    ),
    Rule(
        rule_id="R05",
        zh="每个事项由主管部门中具备事项范围与资质的执法人员承担",
        en="every item is covered by an officer of the competent department with its scope and qualification",
        source=SETTING,
        enforced="constraint",
    ),
    Rule(
        rule_id="R06",
        zh="事项要求专家的，另派专家，专家不计入执法人员",
        en="an expert where the item asks for one, in addition, never counted in R03 or R05",
        source=GUOFA,
        enforced="constraint",
    ),
    Rule(
        rule_id="R07",
        zh="应回避的人员与检查对象不得成对；互相回避的人员不得同组",
        en="no barred pair of inspector and enterprise; no barred pair of inspectors in one team",
        source=LAW_PENALTY_RECUSAL,
        enforced="constraint",
    ),
    Rule(
        rule_id="R08",
        zh="在本管辖范围内检查，另有设置时由承诺的邻近部门协助",
        en="inspectors stay inside their jurisdiction, or help a department that the committed table names",
        source="《行政处罚法》(2021) 第二十二条、第二十六条; " + GUOFA,
        enforced="problem",
    ),
    Rule(
        rule_id="R09",
        zh="任何人不得分身两处：相邻两次上门之间留足路程时间",
        en="nobody in two places: consecutive visits leave the travel time between them",
        source="necessity",
        enforced="constraint",
    ),
    Rule(
        rule_id="R10",
        zh="每人的上限：每日次数与分钟（含路程），每周、全批次的次数与分钟",
        en="limits per inspector: visits and minutes a day, a week and a campaign",
        source=SETTING,
        enforced="constraint",
    ),
    Rule(
        rule_id="R11",
        zh="请假、值班、非工作日、午休不排检查",
        en="leave, duty rosters, working days, lunch",
        source="《国务院关于职工工作时间的规定》; " + SETTING,
        enforced="constraint",
    ),
    Rule(
        rule_id="R12",
        zh="在任务时限、对象营业时间之内，避开安静生产期",
        en="task window, enterprise opening hours, quiet periods",
        source=SETTING,
        enforced="constraint",
    ),
    Rule(
        rule_id="R13",
        zh="合并上门的各组同时到场",
        en="all teams of a merged visit are there at the same time",
        source="进一次门、查多项事",
        enforced="constraint",
    ),
    Rule(
        rule_id="R14",
        zh="同一机关对同一对象的年度检查频次上限",
        en="annual frequency cap per authority and enterprise",
        source="国办发〔2024〕54号 (涉企行政检查)",
        enforced="frame",
    ),
    Rule(
        rule_id="R15",
        zh="每组有组长；新人须与资深人员同组（按设置）",
        en="a leader among the team; a newcomer never without a senior, where configured",
        source=SETTING,
        enforced="constraint",
    ),
    Rule(
        rule_id="R16",
        zh="固定搭档或固定小组同行（按设置）",
        en="fixed pairs or groups stay together, where configured",
        source=SETTING,
        enforced="constraint",
    ),
    Rule(
        rule_id="R17",
        zh="只查清单上公布的事项",
        en="only items on the published list",
        source=GUOFA,
        enforced="merge",
    ),
    Rule(
        rule_id="R18",
        zh="守恒：每项检查需求都已安排、说明理由未安排，或凭证据撤回",
        en="every requirement is visited, unscheduled with a reason, or withdrawn with evidence",
        source=SETTING,
        enforced="problem",
    ),
    Rule(
        rule_id="R19",
        zh="设有成对上限时，只用 P 票允许的搭配；人手按数不足时按事先公布的办法递补",
        en="with a pair cap, only pairs whose P-ticket admits them, or that the committed fallback adds where"
        " a count over committed facts starves a visit",
        source=SETTING,
        enforced="problem",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """One level of the objective; ``components`` name the integers of its value, ``sense`` what is better."""

    goal: int
    zh: str
    en: str
    components: tuple[str, ...]
    sense: Literal["max", "min"]


GOALS: tuple[Goal, ...] = (
    Goal(
        goal=1,
        zh="安排的检查需求最多，风险高者优先",
        en="most requirements served, higher risk first",
        components=("served_D", "served_C", "served_B", "served_A"),
        sense="max",
    ),
    Goal(
        goal=2,
        zh="部门内负荷均衡",
        en="even load within each department",
        components=("sum_of_largest_permille", "excess_min"),
        sense="min",
    ),
    Goal(
        goal=3,
        zh="路程最少（人分钟，含往返办公地）",
        en="least travel (person-minutes, with the legs from and to the office)",
        components=("travel_person_min",),
        sense="min",
    ),
    Goal(
        goal=4,
        zh="派出的执法人员最少（专家不计）",
        en="fewest officers with a visit at all (experts do not count)",
        components=("n_officers",),
        sense="min",
    ),
    Goal(
        goal=5,
        zh="软性愿望：轮换、不固定搭档、两次上门间隔、高风险在前、优先日",
        en="softer wishes: rotation, no permanent pairs, days between visits, C and D early, preferred days",
        components=("penalty",),
        sense="min",
    ),
    Goal(
        goal=6,
        zh="其余相同者由抽签决定",
        en="what is otherwise equal is decided by the lottery",
        components=("lottery_weight",),
        sense="min",
    ),
)
"""Goal 2's value: the sum over departments of the largest ``ceil(1000 * load / capacity)``; then the minutes
above each department's target, where the target ratio is the least per mille at which the sum of
``floor(ratio * capacity / 1000)`` over its drawn people reaches its whole load. Departments that are tied by
who helps whom (R08), over any number of steps among those with a pool, count as one. Goal 4 counts officers
only: an expert comes because an item asks for one. Goal 5's penalties are the settings of ``[goals]``."""
