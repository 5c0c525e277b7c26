// Who may go where: of one department all its visits by all its people. Colour and sign say the same.
const onedoorPairs = (() => {
  const { byId, part, t, h, name, num, fill, format, percent, legend } = onedoorPage;
  const { visits, people, enterprises, departments, barred, away } = onedoorData;
  const { settings, sendersOf, visitsOfDepartment, seatsOf, nPlaced, visitsOfPerson } = onedoorFacts;
  const { asked, onChange } = onedoorFilters;
  const { card } = onedoorTables;
  const ROWS = 25;
  const COLUMNS = 30;
  const SIGNS = { assigned: "●", barred: "✕", away: "–", possible: "·" };
  const state = { row: 0, column: 0 };

  const bars = new Map();
  barred.person.forEach((person, at) => {
    const key = `${person}/${barred.enterprise[at]}`;
    bars.set(key, [...(bars.get(key) ?? []), [barred.from[at], barred.to[at]]]);
  });
  const gone = people.id.map(() => []);
  away.person.forEach((person, at) => gone[person].push([away.from[at], away.to[at]]));

  // Away: on no working day of the visit's window there. A recusal that overlaps the window bars for all of it.
  const isAway = (person, visit) =>
    !settings.working.some(
      (day) => day >= visits.from[visit] && day < visits.to[visit] && !gone[person].some(([from, to]) => from <= day && day < to),
    );
  const isBarred = (person, visit) =>
    (bars.get(`${person}/${visits.enterprise[visit]}`) ?? []).some(([from, to]) => from < visits.to[visit] && visits.from[visit] < to);
  const stateOf = (person, visit, team) => {
    if (team.has(person)) {
      return "assigned";
    }
    if (isBarred(person, visit)) {
      return "barred";
    }
    return gone[person].length > 0 && isAway(person, visit) ? "away" : "possible";
  };

  const counts = (department) => {
    const found = { assigned: 0, barred: 0, away: 0, possible: 0 };
    for (const visit of visitsOfDepartment[department]) {
      const team = new Set(seatsOf(visit).map((seat) => seat.person));
      for (const person of sendersOf[department]) {
        found[stateOf(person, visit, team)] += 1;
      }
    }
    return found;
  };

  const draw = () => {
    const department = Number(byId("p-department").value);
    const where = part("pairs");
    const rows = visitsOfDepartment[department] ?? [];
    const own = sendersOf[department] ?? [];
    if (rows.length === 0 || own.length === 0) {
      where.replaceChildren(h("p.soft", {}, t("no_pairs")));
      return;
    }
    const found = counts(department);
    const all = rows.length * own.length;
    const pages = Math.ceil(rows.length / ROWS);
    const sheets = Math.ceil(own.length / COLUMNS);
    state.row = Math.min(state.row, pages - 1);
    state.column = Math.min(state.column, sheets - 1);
    const who = own.slice(state.column * COLUMNS, (state.column + 1) * COLUMNS);
    const body = rows.slice(state.row * ROWS, (state.row + 1) * ROWS).map((visit) => {
      const team = new Set(seatsOf(visit).map((seat) => seat.person));
      const when = visits.day[visit] >= 0 ? format("short", visits.day[visit]) : t("left_short");
      return h("tr", {},
        h("th", { scope: "row" }, visit < nPlaced ? h("button.link", { type: "button", onclick: () => card(visit) }, name(enterprises.name[visits.enterprise[visit]])) : name(enterprises.name[visits.enterprise[visit]]), " ", h("small", {}, when)),
        who.map((person) => {
          const one = stateOf(person, visit, team);
          return h(`td.pair.is-${one}`, { title: `${people.name[person]} · ${t(`pair_${one}`)}` }, SIGNS[one]);
        }));
    });
    const turner = (key, most, label) => most < 2 ? "" : h("div.pager", {},
      h("button.on-screen", { type: "button", disabled: state[key] === 0, onclick: () => { state[key] -= 1; draw(); } }, t("page_back")),
      h("span", {}, label),
      h("button.on-screen", { type: "button", disabled: state[key] === most - 1, onclick: () => { state[key] += 1; draw(); } }, t("page_on")));
    where.replaceChildren(
      h("ul.legend", {}, Object.keys(SIGNS).map((one) => h("li", {}, h(`span.key.pair.is-${one}`, { "aria-hidden": "true" }, SIGNS[one]), `${t(`pair_${one}`)} · ${num(found[one])} (${percent(found[one], all)})`))),
      h("div.scroll", {}, h("table.matrix", {},
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("enterprise")), who.map((person) => h("th.person", { scope: "col" }, h("span", {}, name(people.name[person]), " ", h("small", {}, t("n_visits_short", { n: num(visitsOfPerson[person].length) }))))))),
        h("tbody", {}, body))),
      turner("row", pages, t("page", { page: num(state.row + 1), pages: num(pages), n: num(rows.length) })),
      turner("column", sheets, t("people_page", { page: num(state.column + 1), pages: num(sheets), n: num(own.length) })),
    );
  };

  const words = () => {
    const able = departments.id.map((_, at) => at);
    fill(byId("p-department"), able.map((at) => [at, `${departments.name[at]} (${num(visitsOfDepartment[at].length)})`]));
  };
  const wire = () => {
    // The department with something barred tells most; without any, the first with work.
    const barredIn = departments.id.map((_, at) => {
      const visited = new Set(visitsOfDepartment[at].map((visit) => visits.enterprise[visit]));
      const senders = new Set(sendersOf[at]);
      return barred.person.filter((person, row) => senders.has(person) && visited.has(barred.enterprise[row])).length;
    });
    const first = visitsOfDepartment.findIndex((own) => own.length > 0);
    const best = barredIn.reduce((a, n, at) => (n > barredIn[a] ? at : a), Math.max(0, first));
    byId("p-department").value = String(best);
    byId("p-department").addEventListener("change", () => {
      Object.assign(state, { row: 0, column: 0 });
      draw();
    });
    onChange(() => {
      if (asked.department >= 0 && byId("p-department").value !== String(asked.department)) {
        byId("p-department").value = String(asked.department);
        Object.assign(state, { row: 0, column: 0 });
        draw();
      }
    });
  };
  return Object.freeze({ draw, words, wire, legend });
})();
