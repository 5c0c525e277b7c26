// Who is where when: rows of departments, inspectors or districts over days, or over the hours of one day.
// Over days a bar stands at its hours inside its day; where a row has many visits a day, their number stands there instead.
const onedoorGantt = (() => {
  const { byId, part, t, h, name, num, clock, format, fill, legend } = onedoorPage;
  const { visits, people, departments, districts, enterprises } = onedoorData;
  const { settings, departmentsOf, seatsOf, visitsOfDepartment } = onedoorFacts;
  const { asked, matching, isAsked, onChange, RISKS } = onedoorFilters;
  const { card, departmentName } = onedoorTables;
  const { step, range, STEPS, working, lastDay } = onedoorCalendar;
  const ROWS = 25;
  const LANES = 8;
  // Whole hours around the day.
  const opens = 60 * Math.floor(settings.pieces[0][0] / 60);
  const closes = 60 * Math.ceil(settings.pieces.at(-1)[1] / 60);
  const state = { from: 0, page: 0 };

  const kind = () => byId("g-rows").value || "department";
  const span = () => Number(byId("g-span").value || 14);
  const clamp = (from) => Math.max(0, Math.min(from, lastDay - 1));

  // Rows with their visits in the window, in the order of their register.
  const rowsIn = (from, to) => {
    const found = new Map();
    const put = (key, visit) => {
      if (!found.has(key)) {
        found.set(key, []);
      }
      found.get(key).push(visit);
    };
    for (const visit of matching()) {
      if (visits.day[visit] < from || visits.day[visit] >= to) {
        continue;
      }
      if (kind() === "department") {
        departmentsOf(visit).filter((one) => asked.department < 0 || one === asked.department).forEach((one) => put(one, visit));
      } else if (kind() === "district") {
        put(enterprises.district[visits.enterprise[visit]], visit);
      } else {
        const own = new Set(seatsOf(visit).filter((seat) => (asked.department < 0 || seat.department === asked.department) && (asked.person < 0 || seat.person === asked.person)).map((seat) => seat.person));
        own.forEach((one) => put(one, visit));
      }
    }
    if (kind() === "department" && !isAsked()) {
      departments.id.forEach((_, at) => visitsOfDepartment[at].length === 0 && found.set(at, []));
    }
    return [...found].sort(([a], [b]) => a - b);
  };

  const label = (key) => {
    if (kind() === "district") {
      return districts.code[key];
    }
    if (kind() === "department") {
      return name(departments.name[key]);
    }
    return [name(people.name[key]), h("small", {}, departmentName(people.department[key]))];
  };

  const share = (minute) => (100 * (Math.min(closes, Math.max(opens, minute)) - opens)) / (closes - opens);
  const told = (visit) =>
    `${format("day", visits.day[visit])} ${clock(visits.start[visit])}–${clock(visits.start[visit] + visits.minutes[visit])} ${enterprises.name[visits.enterprise[visit]]} · ${t(`risk_${RISKS[visits.risk[visit]]}`)}`;
  const bar = (visit, text) => {
    const made = h(`button.bar-v.risk-${RISKS[visits.risk[visit]]}`, { type: "button", title: told(visit), "aria-label": told(visit), onclick: () => card(visit) }, text ? [`${RISKS[visits.risk[visit]]} `, name(text)] : "");
    const left = share(visits.start[visit]);
    made.style.left = `${left}%`;
    made.style.width = `${Math.max(1.5, share(visits.start[visit] + visits.minutes[visit]) - left)}%`;
    return made;
  };

  const dayCells = (own, from, to, most) => {
    const byDay = new Map();
    for (const visit of own) {
      if (!byDay.has(visits.day[visit])) {
        byDay.set(visits.day[visit], []);
      }
      byDay.get(visits.day[visit]).push(visit);
    }
    return Array.from({ length: to - from }, (_, at) => {
      const day = from + at;
      const here = byDay.get(day) ?? [];
      const off = working.has(day) ? "" : ".off";
      if (kind() === "inspector") {
        return h(`td.track${off}`, {}, here.map((visit) => bar(visit, "")));
      }
      return h(`td.count${here.length > 0 ? `.heat-${step(here.length, most)}` : off}`, {}, here.length > 0 ? num(here.length) : "");
    });
  };

  // The hours of one day: visits that overlap stand under one another, in as many lanes as that takes.
  const hourCell = (own) => {
    const lanes = [];
    for (const visit of own) {
      const lane = lanes.find((one) => one.at(-1) !== undefined && visits.start[one.at(-1)] + visits.minutes[one.at(-1)] <= visits.start[visit]);
      if (lane) {
        lane.push(visit);
      } else {
        lanes.push([visit]);
      }
    }
    const hidden = lanes.slice(LANES).reduce((sum, lane) => sum + lane.length, 0);
    const made = h("td.hours", { colspan: hours().length },
      lanes.slice(0, LANES).map((lane) => h("div.lane", {}, lane.map((visit) => bar(visit, enterprises.name[visits.enterprise[visit]])))),
      hidden > 0 ? h("p.soft", {}, t("more", { n: num(hidden) })) : "");
    made.style.backgroundSize = `${100 / hours().length}% 100%`;
    return made;
  };
  const hours = () => Array.from({ length: (closes - opens) / 60 }, (_, at) => opens + 60 * at);

  const heads = (from, to, single) =>
    single
      ? hours().map((minute) => h("th", { scope: "col" }, clock(minute)))
      : Array.from({ length: to - from }, (_, at) => h(`th${working.has(from + at) ? "" : ".off"}`, { scope: "col" }, h("span", {}, format("short", from + at)), h("small", {}, format("weekday", from + at))));

  const draw = () => {
    const single = span() === 1;
    const from = clamp(state.from);
    const to = Math.min(lastDay, from + span());
    const rows = rowsIn(from, to);
    const pages = Math.max(1, Math.ceil(rows.length / ROWS));
    state.page = Math.min(state.page, pages - 1);
    const shown = rows.slice(state.page * ROWS, (state.page + 1) * ROWS);
    const counted = kind() !== "inspector" && !single;
    let most = 1;
    if (counted) {
      rows.forEach(([, own]) => {
        const days = new Map();
        own.forEach((visit) => days.set(visits.day[visit], (days.get(visits.day[visit]) ?? 0) + 1));
        days.forEach((n) => {
          most = Math.max(most, n);
        });
      });
    }
    const title = single ? format("day", from) : `${format("day", from)} – ${format("day", to - 1)}`;
    const table = h(`table.gantt${single ? ".single" : ""}`, {},
      h("caption", {}, title, h("span.soft", {}, ` ${t("n_rows", { n: num(rows.length) })}`)),
      h("thead", {}, h("tr", {}, h("th.who", { scope: "col" }, t(kind())), heads(from, to, single))),
      h("tbody", {}, shown.map(([key, own]) => h("tr", {}, h("th.who", { scope: "row" }, label(key)), single ? hourCell(own) : dayCells(own, from, to, most)))));
    const marks = counted
      ? Array.from({ length: STEPS }, (_, at) => [`heat-${at + 1}`, range(at + 1, most)]).filter(([, text]) => text !== "").map(([mark, text]) => [mark, t("n_day", { n: text })])
      : [3, 2, 1, 0].map((risk) => [`risk-${RISKS[risk]}`, t(`risk_${RISKS[risk]}`)]);
    part("gantt").replaceChildren(
      rows.length === 0 ? h("p.soft", {}, `${title} · ${t("none_here")}`) : h("div.scroll", {}, table),
      legend([...marks, ["off", t("rest_long")]]),
    );
    if (pages > 1) {
      const turn = (by) => {
        state.page += by;
        draw();
        part("gantt").querySelector(".pager button:not(:disabled)")?.focus();
      };
      part("gantt").append(h("div.pager", {},
        h("button.on-screen", { type: "button", disabled: state.page === 0, onclick: () => turn(-1) }, t("page_back")),
        h("span", {}, t("page", { page: num(state.page + 1), pages: num(pages), n: num(rows.length) })),
        h("button.on-screen", { type: "button", disabled: state.page === pages - 1, onclick: () => turn(1) }, t("page_on"))));
    }
    byId("g-back").disabled = from === 0;
    byId("g-on").disabled = to >= lastDay;
  };

  // Goes where something is: the first visit that answers, or the day that was chosen.
  const follow = () => {
    const found = matching();
    state.page = 0;
    if (found.length > 0 && !found.some((visit) => visits.day[visit] >= state.from && visits.day[visit] < state.from + span())) {
      state.from = clamp(visits.day[found[0]]);
    }
    if (asked.from >= 0 && asked.from === asked.to) {
      byId("g-span").value = "1";
      state.from = clamp(asked.from);
    }
  };
  const words = () => {
    fill(byId("g-rows"), ["department", "inspector", "district"].map((one) => [one, t(one)]));
    fill(byId("g-span"), [[1, t("span_day")], [7, t("span_week")], [14, t("span_weeks", { n: 2 })], [28, t("span_weeks", { n: 4 })]]);
  };
  const wire = () => {
    const found = matching();
    state.from = found.length > 0 ? clamp(visits.day[found[0]]) : 0;
    byId("g-span").value = "14";
    const move = (by) => {
      // By whole spans; over the hours of one day to the next working day.
      let next = state.from + by * span();
      while (span() === 1 && next > 0 && next < lastDay - 1 && !working.has(next)) {
        next += by;
      }
      state.from = clamp(next);
      state.page = 0;
      draw();
    };
    byId("g-back").addEventListener("click", () => move(-1));
    byId("g-on").addEventListener("click", () => move(1));
    for (const id of ["g-rows", "g-span"]) {
      byId(id).addEventListener("change", () => {
        state.page = 0;
        draw();
      });
    }
    onChange(follow);
  };
  return Object.freeze({ draw, words, wire });
})();
