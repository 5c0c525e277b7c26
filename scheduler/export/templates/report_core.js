// Words, elements, numbers and dates. Text goes into the page as text, never as markup.
"use strict";
const onedoorData = JSON.parse(document.getElementById("data").textContent);

const onedoorPage = (() => {
  const byId = (id) => document.getElementById(id);
  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  const english = () => byId("in-en").checked;

  // A word of the catalogue in the language that is switched on, with {name} filled in.
  const t = (name, params = {}) =>
    onedoorData.words[name][english() ? 1 : 0].replace(/\{([a-z_]+)\}/g, (all, key) => String(params[key] ?? all));

  // An element: h("td.n", { title: "x", onclick: f }, "text", child, [more]). Nothing is parsed as markup.
  const h = (spec, attributes = {}, ...content) => {
    const [tag, ...classes] = spec.split(".");
    const made = document.createElement(tag);
    if (classes.length > 0) {
      made.className = classes.join(" ");
    }
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) {
        made.addEventListener(name.slice(2), value);
      } else if (value === true) {
        made.setAttribute(name, "");
      } else if (value !== false && value !== null && value !== undefined) {
        made.setAttribute(name, value);
      }
    }
    made.append(...content.flat());
    return made;
  };

  const svg = (tag, attributes = {}, ...content) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) {
      made.setAttribute(name, value);
    }
    made.append(...content);
    return made;
  };

  // A name of the campaign, kept apart from the text around it whatever its direction.
  const name = (text) => h("bdi", {}, text);

  const num = (n) => n.toLocaleString(english() ? "en-GB" : "zh-CN");
  const tenths = (n) => n.toLocaleString(english() ? "en-GB" : "zh-CN", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  // What there is never reads as nothing.
  const percent = (part_, whole) => {
    const share = (100 * part_) / whole;
    return whole === 0 ? "–" : share > 0 && share < 0.1 ? `< ${tenths(0.1)}%` : `${tenths(share)}%`;
  };
  const clock = (min) => `${String(Math.floor(min / 60)).padStart(2, "0")}:${String(min % 60).padStart(2, "0")}`;

  const first = Date.parse(`${onedoorData.campaign.start[0]}T00:00:00Z`);
  const dateOf = (offset) => new Date(first + 86400000 * offset);
  const iso = (offset) => dateOf(offset).toISOString().slice(0, 10);
  const offsetOf = (text) => Math.round((Date.parse(`${text}T00:00:00Z`) - first) / 86400000);
  const weekday = (offset) => (dateOf(offset).getUTCDay() + 6) % 7; // Monday is 0
  const formats = new Map();
  const format = (kind, offset) => {
    const options = {
      day: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
      short: { day: "numeric", month: english() ? "short" : "numeric" },
      month: { month: "long", year: "numeric" },
      weekday: { weekday: "short" },
    };
    const key = `${kind}${english()}`;
    if (!formats.has(key)) {
      formats.set(key, new Intl.DateTimeFormat(english() ? "en-GB" : "zh-CN", { ...options[kind], timeZone: "UTC" }));
    }
    return formats.get(key).format(dateOf(offset));
  };

  // A select with [value, text] pairs; the chosen value survives where it is still there.
  const fill = (select, pairs) => {
    const before = select.value;
    select.replaceChildren(...pairs.map(([value, text]) => h("option", { value }, text)));
    if (pairs.some(([value]) => String(value) === before)) {
      select.value = before;
    }
  };

  const legend = (rows) =>
    h("ul.legend", {}, rows.map(([mark, text]) => h("li", {}, h(`span.key.${mark}`, { "aria-hidden": "true" }), text)));

  return Object.freeze({
    byId, part, english, t, h, svg, name, num, percent, clock, iso, offsetOf, weekday, format, fill, legend,
  });
})();
