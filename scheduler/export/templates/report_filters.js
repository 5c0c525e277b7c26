// What is asked for, which placed visits answer to it, and who has to be told when that changes.
const onedoorFilters = (() => {
  const { byId, t, num, iso, offsetOf, fill, format } = onedoorPage;
  const { visits, people, enterprises, departments, districts, items, tasks } = onedoorData;
  const { nPlaced, seatAt, seatsOf, workOf, tasksOf } = onedoorFacts;
  const RISKS = ["A", "B", "C", "D"];
  const nobody = { text: "", department: -1, district: -1, person: -1, risk: -1, from: -1, to: -1 };
  const asked = { ...nobody };
  const listeners = [];
  let found = null;
  let inDays = null;
  const isBetween = (day) => (asked.from < 0 || day >= asked.from) && (asked.to < 0 || day <= asked.to);

  // Full-width and half-width, upper and lower case count as the same.
  const plain = (text) => text.normalize("NFKC").toLowerCase().trim();
  let hay = null;
  const haystack = () => {
    hay ??= {
      enterprises: enterprises.id.map((id, at) => plain(`${id} ${enterprises.name[at]} ${enterprises.address[at]}`)),
      people: people.id.map((id, at) => plain(`${id} ${people.name[at]}`)),
      items: items.code.map((code, at) => plain(`${code} ${items.name[at]}`)),
      tasks: tasks.id.map((id, at) => plain(`${id} ${tasks.name[at]}`)),
      visits: visits.id.map(plain),
    };
    return hay;
  };
  const hits = (texts, words) => texts.map((text) => words.every((word) => text.includes(word)));

  const byText = () => {
    const words = plain(asked.text).split(/\s+/u).filter(Boolean);
    if (words.length === 0) {
      return null;
    }
    const all = haystack();
    const found_ = Object.fromEntries(Object.entries(all).map(([name, texts]) => [name, hits(texts, words)]));
    return (visit) =>
      found_.visits[visit] ||
      found_.enterprises[visits.enterprise[visit]] ||
      seatsOf(visit).some(({ person }) => found_.people[person]) ||
      workOf(visit).some(({ item }) => found_.items[item]) ||
      tasksOf(visit).some((task) => found_.tasks[task]);
  };

  const hasSeat = (visit, name, wanted) => {
    const column = onedoorData.seats[name];
    for (let at = seatAt[visit]; at < seatAt[visit + 1]; at += 1) {
      if (column[at] === wanted) {
        return true;
      }
    }
    return false;
  };

  // Positions of the placed visits that answer to everything asked (or to all but the days), by day and start.
  const matching = ({ everyDay = false } = {}) => {
    if (found === null) {
      const text = byText();
      found = [];
      for (let visit = 0; visit < nPlaced; visit += 1) {
        if (
          (asked.risk < 0 || visits.risk[visit] === asked.risk) &&
          (asked.district < 0 || enterprises.district[visits.enterprise[visit]] === asked.district) &&
          (asked.department < 0 || hasSeat(visit, "department", asked.department)) &&
          (asked.person < 0 || hasSeat(visit, "person", asked.person)) &&
          (text === null || text(visit))
        ) {
          found.push(visit);
        }
      }
      inDays = found.filter((visit) => isBetween(visits.day[visit]));
    }
    return everyDay ? found : inDays;
  };
  const isAsked = () => Object.keys(nobody).some((key) => asked[key] !== nobody[key]);

  const personLabel = (person) => `${people.name[person]} (${people.id[person]})`;
  let labels = null;
  const personOf = (text) => {
    labels ??= new Map(people.id.flatMap((id, at) => [[personLabel(at), at], [id, at]]));
    return labels.get(text.trim()) ?? labels.get(text) ?? -1;
  };

  const said = () => {
    const parts = [];
    if (asked.text !== "") parts.push(`“${asked.text}”`);
    if (asked.department >= 0) parts.push(departments.name[asked.department]);
    if (asked.district >= 0) parts.push(districts.code[asked.district]);
    if (asked.person >= 0) parts.push(personLabel(asked.person));
    if (asked.risk >= 0) parts.push(t(`risk_${RISKS[asked.risk]}`));
    if (asked.from >= 0 || asked.to >= 0) {
      parts.push(`${asked.from >= 0 ? format("day", asked.from) : "…"} – ${asked.to >= 0 ? format("day", asked.to) : "…"}`);
    }
    return parts.join(" · ");
  };

  // Shows what is asked in the form itself, wherever it came from.
  const show = () => {
    byId("f-text").value = asked.text;
    byId("f-department").value = asked.department;
    byId("f-district").value = asked.district;
    byId("f-person").value = asked.person >= 0 ? personLabel(asked.person) : "";
    byId("f-risk").value = asked.risk;
    byId("f-from").value = asked.from >= 0 ? iso(asked.from) : "";
    byId("f-to").value = asked.to >= 0 ? iso(asked.to) : "";
  };
  const tell = () => {
    found = null;
    const n = matching().length;
    byId("f-count").textContent = t("count", { n: num(n), all: num(nPlaced) });
    byId("printed-filter").textContent = isAsked() ? `${t("filtered")} ${said()}` : "";
    listeners.forEach((listener) => listener());
  };
  const ask = (changes) => {
    Object.assign(asked, changes);
    show();
    tell();
  };

  const readDate = (id) => (byId(id).value === "" ? -1 : offsetOf(byId(id).value));
  const read = () => {
    Object.assign(asked, {
      text: byId("f-text").value,
      department: Number(byId("f-department").value),
      district: Number(byId("f-district").value),
      person: personOf(byId("f-person").value),
      risk: Number(byId("f-risk").value),
      from: readDate("f-from"),
      to: readDate("f-to"),
    });
    const unknown = byId("f-person").value.trim() !== "" && asked.person < 0;
    byId("f-person").setCustomValidity(unknown ? t("unknown_person") : "");
    tell();
  };

  const words = () => {
    const some = (rows, label) => [[-1, t("all")], ...rows.map((row, at) => [at, label(row, at)])];
    fill(byId("f-department"), some(departments.name, (text) => text));
    fill(byId("f-district"), some(districts.code, (text) => text));
    fill(byId("f-risk"), [[-1, t("all")], ...[3, 2, 1, 0].map((risk) => [risk, t(`risk_${RISKS[risk]}`)])]);
    byId("f-text").placeholder = t("search");
    byId("f-person").placeholder = t("person_example");
    show();
  };

  const wire = () => {
    // Every officer would be a long list on a telephone: the browser is given those of the department chosen.
    const suggest = () => {
      const own = people.id.map((_, at) => at).filter((at) => asked.department < 0 || people.department[at] === asked.department);
      byId("f-people").replaceChildren(
        ...own.slice(0, 400).map((at) => onedoorPage.h("option", { value: personLabel(at) })),
      );
    };
    byId("f-person").addEventListener("focus", suggest);
    let waiting = 0;
    byId("f-text").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(read, 150);
    });
    for (const id of ["f-text", "f-department", "f-district", "f-person", "f-risk", "f-from", "f-to"]) {
      byId(id).addEventListener("change", () => {
        clearTimeout(waiting); // Enter does not wait for the pause in typing
        read();
      });
    }
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("filters").addEventListener("reset", (event) => {
      event.preventDefault();
      clearTimeout(waiting);
      ask(nobody);
    });
    // On a wide screen all fields are there; on a telephone the further ones open on demand.
    const wide = window.matchMedia("(min-width: 60rem)");
    const unfold = () => {
      byId("f-more").open = wide.matches;
    };
    wide.addEventListener("change", unfold);
    unfold();
  };

  const onChange = (listener) => listeners.push(listener);
  return Object.freeze({ RISKS, asked, ask, tell, matching, isAsked, personLabel, words, wire, onChange });
})();
