// Where the visits are, on the campaign's own plane in metres; the ways of one person or one day; a user's outlines.
const onedoorMap = (() => {
  const { byId, part, t, h, num, clock, format, legend } = onedoorPage;
  const { visits, people, departments, enterprises } = onedoorData;
  const { settings, point, routesOf, seatsOf, departmentsOf } = onedoorFacts;
  const { asked, matching, RISKS, personLabel } = onedoorFilters;
  const { paged, card, departmentName } = onedoorTables;
  const MOST_POINTS = 6000; // with more in sight the plane is parted into squares with their number
  const MOST_ROUTES = 40;
  const SQUARES = 40;
  const MOST_BYTES = 30 * 1024 * 1024;
  const COLOURS = { D: "#b3261e", C: "#a35c05", B: "#2b6cb0", A: "#4a7c59" };
  const ROUTES = ["#14395f", "#a33000", "#14663a", "#6b2d84", "#7a5c00", "#006d77", "#9c1f5c", "#3d3d3d"];
  const view = { x: 0, y: 0, scale: 1, outlines: [] };
  let shown = { points: [], squares: null, routes: [] };
  let seen = []; // the points that are painted

  const canvas = byId("m-canvas");
  const brush = canvas.getContext("2d");
  const size = () => [canvas.clientWidth || 800, canvas.clientHeight || 420];
  const toScreen = ([x, y]) => {
    const [width, height] = size();
    return [width / 2 + (x - view.x) * view.scale, height / 2 - (y - view.y) * view.scale];
  };

  const fit = (points) => {
    const [width, height] = size();
    const own = points.length > 0 ? points : [[0, 0]];
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const [x, y] of own) {
      [left, right, low, high] = [Math.min(left, x), Math.max(right, x), Math.min(low, y), Math.max(high, y)];
    }
    view.x = (left + right) / 2;
    view.y = (low + high) / 2;
    view.scale = Math.min((width - 60) / Math.max(1000, right - left), (height - 60) / Math.max(1000, high - low));
  };
  const everything = () => [
    ...enterprises.id.map((_, at) => [enterprises.x[at], enterprises.y[at]]),
    ...[...new Set(people.department)].filter((at) => at >= 0).map((at) => [departments.x[at], departments.y[at]]),
  ];

  const gather = () => {
    const found = matching().filter((visit) => visits.desk[visit] < 0);
    const points = found.map((visit) => ({ visit, at: point(visit), risk: RISKS[visits.risk[visit]] }));
    let squares = null;
    if (points.length > MOST_POINTS) {
      const [left, low] = points.reduce(([x, y], { at }) => [Math.min(x, at[0]), Math.min(y, at[1])], [Infinity, Infinity]);
      const right = points.reduce((x, { at }) => Math.max(x, at[0]), -Infinity);
      const side = Math.max(1, Math.ceil((right - left) / SQUARES));
      const counts = new Map();
      for (const { at } of points) {
        const key = `${Math.floor((at[0] - left) / side)},${Math.floor((at[1] - low) / side)}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      const most = [...counts.values()].reduce((a, b) => Math.max(a, b), 1);
      squares = { left, low, side, counts, most };
    }
    shown = { points, squares, routes: routes(found) };
  };

  // The ways of whoever answers, where that is one person, or one day of few.
  const routes = (found) => {
    const oneDay = asked.from >= 0 && asked.from === asked.to;
    if (asked.person < 0 && !oneDay) {
      return null;
    }
    const wanted = new Set(found);
    const who = asked.person >= 0 ? [asked.person] : [...new Set(found.flatMap((visit) => seatsOf(visit).filter((seat) => asked.department < 0 || seat.department === asked.department).map((seat) => seat.person)))].sort((a, b) => a - b);
    return who.flatMap((person) => routesOf(person, (visit) => wanted.has(visit)));
  };

  const line = (points, close) => {
    brush.beginPath();
    points.forEach((one, at) => (at === 0 ? brush.moveTo(...toScreen(one)) : brush.lineTo(...toScreen(one))));
    if (close) {
      brush.closePath();
    }
    brush.stroke();
  };
  const paintScale = (width, height) => {
    const metres = [100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000].find((one) => one * view.scale > 60) ?? 200000;
    brush.fillStyle = "rgba(255, 255, 255, 0.85)";
    brush.fillRect(6, height - 38, metres * view.scale + 12, 34);
    brush.fillRect(width - 38, 4, 34, 20);
    brush.strokeStyle = brush.fillStyle = "#17232f";
    brush.lineWidth = 2;
    brush.beginPath();
    brush.moveTo(12, height - 18);
    brush.lineTo(12, height - 12);
    brush.lineTo(12 + metres * view.scale, height - 12);
    brush.lineTo(12 + metres * view.scale, height - 18);
    brush.stroke();
    brush.font = "12px system-ui, sans-serif";
    brush.fillText(metres >= 1000 ? `${metres / 1000} km` : `${metres} m`, 16, height - 20);
    brush.fillText("N ↑", width - 32, 18);
  };

  const paint = () => {
    const [width, height] = size();
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    brush.fillStyle = "#f7f9fb";
    brush.fillRect(0, 0, width, height);
    brush.lineWidth = 1;
    brush.strokeStyle = "#9fb0c0";
    view.outlines.forEach(({ points, closed }) => line(points, closed));
    const [right, left] = [view.x + width / 2 / view.scale, view.x - width / 2 / view.scale];
    const [high, low] = [view.y + height / 2 / view.scale, view.y - height / 2 / view.scale];
    const inSight = ({ at: [x, y] }) => x >= left && x <= right && y >= low && y <= high;
    seen = shown.squares ? shown.points.filter(inSight) : shown.points;
    if (seen.length > MOST_POINTS) {
      seen = [];
      paintSquares(shown.squares);
    }
    (shown.routes ?? []).slice(0, MOST_ROUTES).forEach((route, at) => {
      brush.strokeStyle = ROUTES[at % ROUTES.length];
      brush.lineWidth = 1.8;
      line(route.stops, false);
    });
    seen.forEach(({ at, risk }) => {
      const [x, y] = toScreen(at);
      brush.fillStyle = COLOURS[risk];
      brush.globalAlpha = seen.length > 400 ? 0.65 : 0.9;
      brush.beginPath();
      brush.arc(x, y, seen.length > 800 ? 2.5 : 4, 0, 7);
      brush.fill();
    });
    brush.globalAlpha = 1;
    const offices = [...new Set(people.department)].filter((at) => at >= 0 && (asked.department < 0 || asked.department === at) && (asked.person < 0 || people.department[asked.person] === at));
    offices.forEach((at) => {
      const [x, y] = toScreen([departments.x[at], departments.y[at]]);
      brush.fillStyle = "#17232f";
      brush.fillRect(x - 4, y - 4, 8, 8);
      brush.strokeStyle = "#ffffff";
      brush.lineWidth = 1;
      brush.strokeRect(x - 4, y - 4, 8, 8);
    });
    paintScale(width, height);
    drawLegend();
  };
  const drawLegend = () => {
    const points = [3, 2, 1, 0].map((risk) => [`risk-${RISKS[risk]}`, t(`risk_${RISKS[risk]}`)]);
    const squares = () => [["key-square", t("key_square", { metres: num(shown.squares.side), most: num(shown.squares.most) })]];
    const rows = shown.squares && seen.length === 0 && shown.points.length > 0 ? squares() : points;
    part("map-legend").replaceChildren(legend([...rows, ["key-office", t("office")]]));
  };
  const paintSquares = ({ left, low, side, counts, most }) => {
    brush.font = "10px system-ui, sans-serif";
    brush.textAlign = "center";
    counts.forEach((n, key) => {
      const [i, j] = key.split(",").map(Number);
      const [x, y] = toScreen([left + i * side, low + (j + 1) * side]);
      const edge = side * view.scale;
      brush.fillStyle = `rgba(20, 57, 95, ${0.12 + (0.78 * n) / most})`;
      brush.fillRect(x, y, edge - 1, edge - 1);
      if (edge > 22) {
        brush.fillStyle = n > most / 2 ? "#ffffff" : "#17232f";
        brush.fillText(String(n), x + edge / 2, y + edge / 2 + 4);
      }
    });
    brush.textAlign = "start";
  };

  const drawRoutes = () => {
    const where = part("routes");
    if (shown.routes === null) {
      where.replaceChildren(h("p.soft", {}, t("routes_how")));
      return;
    }
    const key = (at) => {
      const made = h("span.line-key", { "aria-hidden": "true" });
      made.style.background = ROUTES[at % ROUTES.length];
      return made;
    };
    paged(where, [
      { head: t("person"), cell: ({ person, at }) => [at < MOST_ROUTES ? key(at) : "", onedoorPage.name(personLabel(person))], key: ({ person }) => person },
      { head: t("date"), cell: ({ day }) => format("day", day), key: ({ day }) => day },
      { head: t("stops"), cell: ({ visits: own, legs }) => h("ol.stops", {},
        own.map((visit, at) => h("li", {}, `${t("leg", { n: legs[at] })} → ${clock(visits.start[visit])} `, h("button.link", { type: "button", onclick: () => card(visit) }, onedoorPage.name(enterprises.name[visits.enterprise[visit]])), visits.desk[visit] >= 0 ? h("span.tag", {}, t("desk")) : "")),
        h("li", {}, `${t("leg", { n: legs.at(-1) })} → ${t("office")}`)) },
      { head: t("travel"), n: true, cell: ({ minutes }) => num(minutes), key: ({ minutes }) => minutes },
    ], shown.routes.map((route, at) => ({ ...route, at })), { size: 10 });
    if (shown.routes.length > MOST_ROUTES) {
      where.append(h("p.soft", {}, t("routes_more", { n: num(MOST_ROUTES) })));
    }
  };

  const draw = () => {
    gather();
    canvas.setAttribute("aria-label", t("map_label", { n: num(shown.points.length) }));
    paint();
    drawRoutes();
  };

  // --- a user's own outlines ---------------------------------------------------------------------------------
  const toPlane = ([lon, lat]) => [
    ((lon * 1e6 - settings.lon_udeg) * 0.11132 * settings.cosine_ppm) / 1e6,
    (lat * 1e6 - settings.lat_udeg) * 0.11132,
  ];
  const lines = (geometry) => {
    const { type, coordinates, geometries } = geometry ?? {};
    const made = (points, closed) => ({ points: points.map(toPlane), closed });
    switch (type) {
      case "LineString": return [made(coordinates, false)];
      case "MultiLineString": return coordinates.map((one) => made(one, false));
      case "Polygon": return coordinates.map((one) => made(one, true));
      case "MultiPolygon": return coordinates.flat().map((one) => made(one, true));
      case "GeometryCollection": return geometries.flatMap(lines);
      default: return [];
    }
  };
  const readOutlines = (text) => {
    const read = JSON.parse(text);
    const geometries = read.type === "FeatureCollection" ? read.features.map((one) => one.geometry) : [read.type === "Feature" ? read.geometry : read];
    const found = geometries.flatMap(lines);
    const sound = ({ points }) => points.every(([x, y]) => Number.isFinite(x) && Number.isFinite(y) && Math.abs(x) < 2e7 && Math.abs(y) < 2e7);
    return found.length > 0 && found.every(sound) ? found : null;
  };
  const load = async () => {
    const file = byId("m-file").files[0];
    if (!file) {
      return;
    }
    let found = null;
    if (file.size <= MOST_BYTES) {
      try {
        found = readOutlines(await file.text());
      } catch {
        found = null; // not JSON, or JSON of another shape: told the same way
      }
    }
    view.outlines = found ?? [];
    byId("m-told").textContent = found ? t("outlines", { n: num(found.length) }) : t("outlines_bad");
    paint();
  };

  // --- moving about -------------------------------------------------------------------------------------------
  const nearest = (event) => {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let best = null;
    for (const one of seen) {
      const [px, py] = toScreen(one.at);
      const far = (px - x) ** 2 + (py - y) ** 2;
      if (far < 144 && (best === null || far < best.far)) {
        best = { ...one, far, x: px, y: py };
      }
    }
    return best;
  };
  const tip = (event) => {
    const box = byId("m-tip");
    const found = nearest(event);
    box.hidden = found === null;
    canvas.style.cursor = found ? "pointer" : "grab";
    if (found) {
      const { visit } = found;
      box.replaceChildren(h("strong", {}, onedoorPage.name(enterprises.name[visits.enterprise[visit]])), h("br"), `${format("day", visits.day[visit])} ${clock(visits.start[visit])} · ${t(`risk_${found.risk}`)}`, h("br"), ...departmentsOf(visit).flatMap((one) => [departmentName(one), " "]));
      box.style.left = `${Math.min(found.x + 10, size()[0] - 200)}px`;
      box.style.top = `${found.y + 10}px`;
    }
  };
  const zoom = (by) => {
    view.scale *= by;
    paint();
  };
  const wire = () => {
    fit(everything());
    byId("m-in").addEventListener("click", () => zoom(1.5));
    byId("m-out").addEventListener("click", () => zoom(1 / 1.5));
    byId("m-whole").addEventListener("click", () => {
      fit(shown.routes && shown.routes.length > 0 ? shown.routes.flatMap((route) => route.stops) : everything());
      paint();
    });
    byId("m-file").addEventListener("change", load);
    let held = null;
    canvas.addEventListener("pointerdown", (event) => {
      held = { x: event.clientX, y: event.clientY, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (held === null) {
        tip(event);
        return;
      }
      const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
      if (held.moved || Math.abs(dx) + Math.abs(dy) > 4) {
        view.x -= dx / view.scale;
        view.y += dy / view.scale;
        held = { x: event.clientX, y: event.clientY, moved: true };
        paint();
      }
    });
    canvas.addEventListener("pointerup", (event) => {
      const found = held?.moved ? null : nearest(event);
      held = null;
      if (found) {
        card(found.visit);
      }
    });
    canvas.addEventListener("pointercancel", () => {
      held = null;
    });
    canvas.addEventListener("pointerleave", () => {
      byId("m-tip").hidden = true;
    });
    canvas.addEventListener("keydown", (event) => {
      const step = 60 / view.scale;
      const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
      if (moves[event.key]) {
        view.x += moves[event.key][0];
        view.y += moves[event.key][1];
        event.preventDefault();
        paint();
      } else if (event.key === "+" || event.key === "-") {
        zoom(event.key === "+" ? 1.5 : 1 / 1.5);
      }
    });
    window.addEventListener("resize", paint);
    window.addEventListener("beforeprint", paint);
  };
  return Object.freeze({ draw, wire });
})();
