// One month after another, each day with its visits; a day can be chosen. The darker, the more visits; the number says it.
const onedoorCalendar = (() => {
  const { part, t, h, name, num, format, weekday, iso, legend } = onedoorPage;
  const { visits, departments, districts, enterprises } = onedoorData;
  const { settings, nPlaced, departmentsOf } = onedoorFacts;
  const { meter, risk } = onedoorTables;
  const { asked, ask, matching } = onedoorFilters;
  const STEPS = 5;
  const LISTED = 14;
  const working = new Set(settings.working);
  const lastDay = Math.max(settings.days, nPlaced > 0 ? visits.day[nPlaced - 1] + 1 : 0);

  const step = (n, most) => (n === 0 ? 0 : Math.max(1, Math.ceil((STEPS * n) / most)));

  // The numbers that have this shade, "" where none has.
  const range = (shade, most) => {
    const [low, high] = [Math.floor(((shade - 1) * most) / STEPS) + 1, Math.floor((shade * most) / STEPS)];
    return low > high ? "" : low === high ? num(low) : `${num(low)}–${num(high)}`;
  };

  const dayCell = (day, n, most) => {
    const off = !working.has(day);
    const date = h("span.date", {}, String(Number(iso(day).slice(8))));
    if (n === 0) {
      return h(off ? "td.off" : "td.empty-day", {}, date, off ? h("span.rest", {}, t("rest")) : "");
    }
    const chosen = asked.from === day && asked.to === day;
    return h(`td.heat-${step(n, most)}`, {}, h("button", {
      type: "button",
      "data-day": day,
      "aria-pressed": String(chosen),
      "aria-label": t("day_label", { day: format("day", day), n: num(n) }),
      onclick: () => {
        ask(chosen ? { from: -1, to: -1 } : { from: day, to: day });
        part("calendar").querySelector(`[data-day="${day}"]`)?.focus();
      },
    }, date, h("strong", {}, num(n))));
  };

  const month = (days, counts, most) => {
    const rows = [];
    let row = Array.from({ length: weekday(days[0]) }, () => h("td.none"));
    for (const day of days) {
      row.push(dayCell(day, counts[day], most));
      if (row.length === 7) {
        rows.push(row);
        row = [];
      }
    }
    if (row.length > 0) {
      rows.push([...row, ...Array.from({ length: 7 - row.length }, () => h("td.none"))]);
    }
    const total = days.reduce((sum, day) => sum + counts[day], 0);
    // Any Monday gives the heads in the language that is switched on.
    const monday = -weekday(0);
    const heads = Array.from({ length: 7 }, (_, at) => h("th", { scope: "col" }, format("weekday", monday + at)));
    return h("table.month", {},
      h("caption", {}, format("month", days[0]), h("span.soft", {}, ` ${t("n_of_month", { n: num(total) })}`)),
      h("thead", {}, h("tr", {}, heads)),
      h("tbody", {}, rows.map((cells) => h("tr", {}, cells))));
  };

  const draw = () => {
    // Other days stay in sight when one is chosen: they are how another one is chosen.
    const counts = new Int32Array(lastDay);
    for (const visit of matching({ everyDay: true })) {
      counts[visits.day[visit]] += 1;
    }
    const most = counts.reduce((a, b) => Math.max(a, b), 1);
    const months = new Map();
    for (let day = 0; day < lastDay; day += 1) {
      const key = iso(day).slice(0, 7);
      months.set(key, [...(months.get(key) ?? []), day]);
    }
    part("calendar").closest(".beside").classList.toggle("year", months.size > 3);
    part("calendar").replaceChildren(
      h("div.months", {}, [...months.values()].map((days) => month(days, counts, most))),
      legend([...Array.from({ length: STEPS }, (_, at) => [
        `heat-${at + 1}`,
        t("n_day", { n: range(at + 1, most) }),
      ]).filter((_, at) => range(at + 1, most) !== ""), ["off", t("rest_long")]]),
    );
  };

  // Where the visits that answer lie: by risk, department, district; each line leads to its own filter.
  const shares = (title, field, counts, label) => {
    const rows = [...counts].filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    const most = rows.length > 0 ? rows[0][1] : 1;
    return h("table.shares", {},
      h("caption", {}, title, rows.length > LISTED ? h("span.soft", {}, ` ${t("first_of", { n: LISTED, all: num(rows.length) })}`) : ""),
      h("tbody", {}, rows.slice(0, LISTED).map(([key, n]) => h("tr", {},
        h("td", {}, h("button.link", { type: "button", "aria-pressed": String(asked[field] === key), onclick: () => ask({ [field]: asked[field] === key ? -1 : key }) }, label(key))),
        h("td.n", {}, num(n)),
        h("td", {}, meter(n, most))))));
  };
  const drawShares = () => {
    const [byRisk, byDepartment, byDistrict] = [new Map(), new Map(), new Map()];
    const more = (counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1);
    for (const visit of matching()) {
      more(byRisk, visits.risk[visit]);
      more(byDistrict, enterprises.district[visits.enterprise[visit]]);
      departmentsOf(visit).forEach((department) => more(byDepartment, department));
    }
    part("shares").replaceChildren(
      shares(t("departments"), "department", byDepartment, (key) => name(departments.name[key])));
    part("shares-more").replaceChildren(
      shares(t("risk"), "risk", byRisk, risk),
      shares(t("district"), "district", byDistrict, (key) => districts.code[key]));
  };

  return Object.freeze({ drawShares, draw, step, range, STEPS, working, lastDay });
})();
