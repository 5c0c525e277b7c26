// How evenly each department's work lies on its people: a dot for everyone, a line where all would be even.
const onedoorLoad = (() => {
  const { part, t, h, svg, num, legend } = onedoorPage;
  const { departments, people } = onedoorData;
  const { membersOf, loads, permille, evenTarget } = onedoorFacts;
  const { asked, ask } = onedoorFilters;
  const { paged, departmentName } = onedoorTables;
  const HEIGHT = 22;

  const facts = departments.id.map((_, at) => {
    const members = membersOf[at];
    const ratios = members.map(permille);
    return {
      department: at,
      members,
      ratios,
      minutes: members.reduce((sum, person) => sum + loads[person], 0),
      largest: ratios.reduce((a, b) => Math.max(a, b), 0),
      target: evenTarget(at),
    };
  });

  const strip = ({ ratios, target }, most) => {
    const x = (value) => `${1.5 + (97 * value) / most}%`;
    const drawn = svg("svg", { class: "strip", height: HEIGHT, "aria-hidden": "true" });
    drawn.append(svg("line", { class: "axis", x1: x(0), x2: x(most), y1: HEIGHT / 2, y2: HEIGHT / 2 }));
    if (most > 1000) {
      drawn.append(svg("line", { class: "full", x1: x(1000), x2: x(1000), y1: 0, y2: HEIGHT }));
    }
    drawn.append(svg("line", { class: "target", x1: x(target), x2: x(target), y1: 2, y2: HEIGHT - 2 }));
    // Equal ratios lie beside one another as far as there is room.
    const seen = new Map();
    for (const ratio of ratios) {
      const place = Math.round((200 * ratio) / most);
      const n = seen.get(place) ?? 0;
      seen.set(place, n + 1);
      const up = (n % 2 === 0 ? 1 : -1) * Math.ceil(n / 2) * 3;
      drawn.append(svg("circle", { class: ratio > 1000 ? "dot over" : "dot", cx: x(ratio), cy: HEIGHT / 2 + Math.max(-8, Math.min(8, up)), r: 3 }));
    }
    return drawn;
  };

  const draw = () => {
    const rows = facts.filter(({ department, members }) => members.length > 0 && (asked.department < 0 || asked.department === department) && (asked.person < 0 || members.includes(asked.person)));
    const most = Math.max(1, ...facts.map(({ largest, target }) => Math.max(largest, target)));
    paged(part("strips"), [
      { head: t("department"), cell: ({ department }) => h("button.link", { type: "button", onclick: () => ask({ department: asked.department === department ? -1 : department }) }, departmentName(department)), key: ({ department }) => departments.name[department] },
      { head: t("n_people"), n: true, cell: ({ members }) => num(members.length), key: ({ members }) => members.length },
      { head: t("minutes"), n: true, cell: ({ minutes }) => num(minutes), key: ({ minutes }) => minutes },
      { head: t("even"), n: true, cell: ({ target }) => num(target), key: ({ target }) => target },
      { head: t("largest"), n: true, cell: ({ largest }) => num(largest), key: ({ largest }) => largest },
      { head: t("above"), n: true, cell: ({ largest, target }) => (target > 0 ? `${largest > target ? "+" : ""}${num(largest - target)}` : "–"), key: ({ largest, target }) => largest - target },
      { head: t("spread"), cell: (row) => strip(row, most) },
    ], rows, { size: 20, empty: t("nobody"), by: 5 });
    part("strips").append(legend([["key-dot", t("key_dot")], ["key-target", t("key_target")], ...(people.capacity.some((_, at) => permille(at) > 1000) ? [["key-over", t("key_over")]] : [])]));
  };
  return Object.freeze({ draw });
})();
