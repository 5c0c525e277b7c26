// Tables by pages, and the tables of the report: tasks, pools, visits, people, what is left out; the card of a visit.
const onedoorTables = (() => {
  const { byId, part, t, h, name, num, clock, format, legend, percent } = onedoorPage;
  const { visits, people, enterprises, departments, districts, items, tasks, pools, unscheduled } = onedoorData;
  const { seatsOf, workOf, tasksOf, departmentsOf, visitsOfPerson, membersOf, loads, permille, travelOf } = onedoorFacts;
  const { RISKS, asked, ask, matching } = onedoorFilters;

  const NARROW = 6;

  // columns: { head, cell(row) → content, n (right), tight (one line), key(row) → what to sort by }. The page and the order survive a redraw.
  const states = new Map();
  const narrow = window.matchMedia("(max-width: 40rem)");
  const paged = (where, columns, rows, { size = 25, empty = t("none"), open = null, by = -1 } = {}) => {
    const most = narrow.matches ? Math.min(size, NARROW) : size; // on a telephone every row is a block
    const state = states.get(where) ?? { page: 0, column: by, down: by >= 0 };
    states.set(where, state);
    const order = state.column < 0 ? rows : [...rows].sort((a, b) => {
      const [x, y] = [columns[state.column].key(a), columns[state.column].key(b)];
      const sign = typeof x === "number" ? x - y : String(x).localeCompare(String(y), "zh");
      return state.down ? -sign : sign;
    });
    const pages = Math.max(1, Math.ceil(rows.length / most));
    state.page = Math.min(state.page, pages - 1);
    const again = (changes, focus) => {
      Object.assign(state, changes);
      paged(where, columns, rows, { size, empty, open });
      where.querySelector(focus)?.focus();
    };
    const heads = columns.map(({ head, n, key }, at) => {
      const here = state.column === at;
      const arrow = here ? (state.down ? " ▼" : " ▲") : "";
      const inside = key
        ? h("button.sort", { type: "button", "data-at": at, onclick: () => again({ column: at, down: here && !state.down, page: 0 }, `[data-at="${at}"]`) }, head + arrow)
        : head;
      return h(n ? "th.n" : "th", { scope: "col", "aria-sort": here ? (state.down ? "descending" : "ascending") : null }, inside);
    });
    const line = (row) => h("tr", open ? { class: "opens", onclick: (event) => event.target.closest("button") ?? open(row) } : {},
      columns.map(({ cell, n, head, tight }) => h(n ? "td.n" : tight ? "td.tight" : "td", { "data-head": head }, h("div", {}, cell(row)))));
    const shown = order.slice(state.page * most, (state.page + 1) * most);
    where.replaceChildren(
      rows.length === 0
        ? h("p.soft", {}, empty)
        : h("div.scroll", {}, h("table.rows", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, shown.map(line)))),
    );
    if (pages > 1) {
      where.append(h("div.pager", {},
        h("button.back.on-screen", { type: "button", disabled: state.page === 0, onclick: () => again({ page: state.page - 1 }, ".pager button:not(:disabled)") }, t("page_back")),
        h("span", {}, t("page", { page: num(state.page + 1), pages: num(pages), n: num(rows.length) })),
        h("button.on.on-screen", { type: "button", disabled: state.page === pages - 1, onclick: () => again({ page: state.page + 1 }, ".pager button:not(:disabled):last-child") }, t("page_on"))));
    }
  };
  const restart = (where) => {
    const state = states.get(where);
    if (state) {
      state.page = 0;
    }
  };

  const risk = (at) => h(`span.risk.risk-${RISKS[at]}`, {}, t(`risk_${RISKS[at]}`));
  const departmentName = (at) => (at < 0 ? t("expert") : name(departments.name[at]));
  const commas = (parts) => parts.flatMap((one, at) => (at === 0 ? [one] : [onedoorPage.english() ? ", " : "、", one]));
  const meter = (value, whole, kind = "") =>
    h("span.meter", { "aria-hidden": "true" }, (() => {
      const inner = h(`span${kind ? `.${kind}` : ""}`);
      inner.style.width = `${whole > 0 ? Math.min(100, (100 * value) / whole) : 0}%`;
      return inner;
    })());

  const drawTasks = () => {
    const rows = tasks.id.map((_, at) => at);
    paged(part("tasks"), [
      { head: t("task"), cell: (at) => [name(tasks.name[at]), " ", h("span.soft", {}, tasks.id[at]), tasks.kind[at] === "order" ? h("span.tag", {}, t("order")) : ""], key: (at) => tasks.name[at] },
      { head: t("lead"), cell: (at) => departmentName(tasks.lead[at]), key: (at) => departments.name[tasks.lead[at]] },
      { head: t("task_window"), tight: true, cell: (at) => `${format("short", tasks.from[at])} – ${format("short", tasks.to[at] - 1)}`, key: (at) => tasks.from[at] },
      { head: t("size"), n: true, cell: (at) => (tasks.size[at] ? num(tasks.size[at]) : "–"), key: (at) => tasks.size[at] },
      { head: t("quota"), n: true, cell: (at) => (tasks.size[at] ? num(tasks.quota[at]) : "–"), key: (at) => tasks.quota[at] },
      { head: t("share"), n: true, cell: (at) => percent(tasks.quota[at], tasks.size[at]), key: (at) => (tasks.size[at] ? tasks.quota[at] / tasks.size[at] : 0) },
      { head: t("requirements"), n: true, cell: (at) => num(tasks.requirements[at]), key: (at) => tasks.requirements[at] },
      { head: t("left"), n: true, cell: (at) => num(tasks.unscheduled[at]), key: (at) => tasks.unscheduled[at] },
    ], rows, { size: 15 });
    paged(part("pools"), [
      { head: t("pool"), cell: (at) => [pools.department[at] < 0 ? t("expert") : departmentName(pools.department[at]), " ", h("span.soft", {}, name(pools.label[at]))], key: (at) => pools.department[at] },
      { head: t("size"), n: true, cell: (at) => num(pools.size[at]), key: (at) => pools.size[at] },
      { head: t("quota"), n: true, cell: (at) => num(pools.quota[at]), key: (at) => pools.quota[at] },
      { head: t("called"), n: true, cell: (at) => num(pools.called[at]), key: (at) => pools.called[at] },
    ], pools.role.map((_, at) => at), { size: 20 });
  };

  const teamOf = (visit) => commas(seatsOf(visit).map(({ person }) => name(people.name[person])));
  const whereOf = (visit) => enterprises.name[visits.enterprise[visit]];

  const drawVisits = () => {
    paged(part("visits"), [
      { head: t("date"), tight: true, cell: (v) => h("button.link", { type: "button", onclick: () => card(v) }, format("day", visits.day[v])), key: (v) => visits.day[v] * 1440 + visits.start[v] },
      { head: t("time"), tight: true, cell: (v) => `${clock(visits.start[v])}–${clock(visits.start[v] + visits.minutes[v])}`, key: (v) => visits.start[v] },
      { head: t("enterprise"), cell: (v) => [name(whereOf(v)), visits.ordered[v] ? h("span.tag", {}, t("order")) : "", visits.desk[v] >= 0 ? h("span.tag", {}, t("desk")) : ""], key: whereOf },
      { head: t("district"), tight: true, cell: (v) => districts.code[enterprises.district[visits.enterprise[v]]], key: (v) => enterprises.district[visits.enterprise[v]] },
      { head: t("risk"), cell: (v) => risk(visits.risk[v]), key: (v) => -visits.risk[v] },
      { head: t("departments"), cell: (v) => commas(departmentsOf(v).map(departmentName)), key: (v) => departmentsOf(v)[0] ?? -1 },
      { head: t("team"), cell: teamOf, key: (v) => people.name[seatsOf(v)[0]?.person] ?? "" },
    ], matching(), { open: (v) => card(v) });
  };

  // Officers of the department that is asked for (else of all), with what they carry against what they can.
  const drawPeople = () => {
    const rows = people.id.map((_, at) => at).filter((at) => !people.expert[at] && (asked.department < 0 || people.department[at] === asked.department) && (asked.person < 0 || at === asked.person));
    const most = Math.max(1, ...rows.map(permille));
    paged(part("people"), [
      { head: t("person"), cell: (at) => [h("button.link", { type: "button", onclick: () => ask({ person: asked.person === at ? -1 : at }) }, name(people.name[at])), " ", h("span.soft", {}, people.id[at])], key: (at) => people.name[at] },
      { head: t("department"), cell: (at) => departmentName(people.department[at]), key: (at) => people.department[at] },
      { head: t("n_visits"), n: true, cell: (at) => num(visitsOfPerson[at].length), key: (at) => visitsOfPerson[at].length },
      { head: t("minutes"), n: true, cell: (at) => num(loads[at]), key: (at) => loads[at] },
      { head: t("capacity"), n: true, cell: (at) => num(people.capacity[at]), key: (at) => people.capacity[at] },
      { head: t("permille"), n: true, cell: (at) => num(permille(at)), key: permille },
      { head: t("load"), cell: (at) => meter(permille(at), Math.max(1000, most), permille(at) > 1000 ? "over" : ""), key: permille },
      { head: t("travel"), n: true, cell: (at) => num(travelOf(at)) },
    ], rows, { size: 20, empty: t("nobody"), by: 5 });
  };

  const drawLeft = () => {
    const rows = unscheduled.visit.map((_, at) => at);
    const where = part("left");
    if (rows.length === 0) {
      where.replaceChildren(h("p.good", {}, t("nothing_left")));
      return;
    }
    const counts = ["unstaffable", "no_room"].map((reason) => [reason, unscheduled.reason.filter((one) => one === reason).length]);
    const list = h("ul", {}, counts.filter(([, n]) => n > 0).map(([reason, n]) => h("li", {}, t(`reason_${reason}`), ` · ${num(n)}`)));
    const table = where.querySelector("[data-table]") ?? h("div", { "data-table": true });
    where.replaceChildren(list, table);
    paged(table, [
      { head: t("enterprise"), cell: (at) => [name(whereOf(unscheduled.visit[at])), " ", h("span.soft", {}, enterprises.id[visits.enterprise[unscheduled.visit[at]]])], key: (at) => whereOf(unscheduled.visit[at]) },
      { head: t("risk"), cell: (at) => risk(unscheduled.risk[at]), key: (at) => -unscheduled.risk[at] },
      { head: t("task"), cell: (at) => name(tasks.name[unscheduled.task[at]]), key: (at) => unscheduled.task[at] },
      { head: t("departments"), cell: (at) => commas(departmentsOf(unscheduled.visit[at]).map(departmentName)), key: (at) => departmentsOf(unscheduled.visit[at])[0] ?? -1 },
      { head: t("window"), tight: true, cell: (at) => `${format("short", visits.from[unscheduled.visit[at]])} – ${format("short", visits.to[unscheduled.visit[at]] - 1)}`, key: (at) => visits.to[unscheduled.visit[at]] },
      { head: t("reason"), cell: (at) => t(`reason_${unscheduled.reason[at]}`), key: (at) => unscheduled.reason[at] },
    ], rows, { size: 20 });
  };

  // Everything about one visit, in a dialog that the keyboard opens and closes, too.
  const card = (visit) => {
    const own = visits.enterprise[visit];
    const byDepartment = departmentsOf(visit).map((department) => {
      const seats = seatsOf(visit).filter((seat) => seat.department === department);
      const todo = workOf(visit).filter((one) => one.department === department);
      return h("section", {},
        h("h4", {}, departmentName(department)),
        h("p", {}, commas(seats.map(({ person }) => [name(people.name[person]), h("span.soft", {}, ` ${people.id[person]}`)]).map((pair) => h("span", {}, ...pair)))),
        h("ul", {}, todo.map(({ item }) => h("li", {}, name(items.name[item]), " ", h("span.soft", {}, items.code[item])))));
    });
    const experts = seatsOf(visit).filter((seat) => seat.department < 0);
    const rows = [
      [t("date"), `${format("day", visits.day[visit])} ${clock(visits.start[visit])}–${clock(visits.start[visit] + visits.minutes[visit])} (${t("minutes_long", { n: visits.minutes[visit] })})`],
      [t("code"), enterprises.id[own]],
      [t("address"), enterprises.address[own] === "" ? "–" : name(enterprises.address[own])],
      [t("district"), districts.code[enterprises.district[own]]],
      [t("risk"), risk(visits.risk[visit])],
      [t("window"), `${format("day", visits.from[visit])} – ${format("day", visits.to[visit] - 1)}`],
      [t("task"), commas(tasksOf(visit).map((task) => name(tasks.name[task])))],
      [t("visit"), visits.id[visit]],
    ];
    const box = byId("card");
    box.replaceChildren(
      h("h3", { id: "card-title" }, name(enterprises.name[own])),
      h("p", {}, visits.ordered[visit] ? h("span.tag", {}, t("order")) : "", visits.desk[visit] >= 0 ? h("span.tag", {}, t("desk")) : ""),
      h("dl", {}, rows.filter(([, value]) => value.length !== 0).flatMap(([head, value]) => [h("dt", {}, head), h("dd", {}, value)])),
      ...byDepartment,
      experts.length > 0 ? h("section", {}, h("h4", {}, t("expert")), h("p", {}, commas(experts.map(({ person }) => name(people.name[person]))))) : "",
      onedoorFacts.settings.lean ? h("p.soft", {}, t("lean")) : "",
      h("form", { method: "dialog" }, h("button.main", {}, t("close"))));
    box.showModal();
  };

  return Object.freeze({ paged, restart, meter, risk, commas, departmentName, drawTasks, drawVisits, drawPeople, drawLeft, card, legend, membersOf });
})();
