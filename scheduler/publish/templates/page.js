// The page itself: the language at first sight, the form "am I drawn", the proof file, the printed certificate.
// Words come from <template data-word>; text goes in as text, never as markup.
(() => {
  const MOST_BYTES = 64 * 1024 * 1024; // a proof holds the whole plan: far below this for a metropolis
  const MOST_ROWS = 300; // strata listed at a time; the filters reach the others
  const MOST_OPEN = 5; // ticket groups up to which all stand open
  const data = JSON.parse(document.getElementById("data").textContent);
  const { profile } = data.commitment[0];
  const byId = (id) => document.getElementById(id);
  const { word } = onedoorWords;

  const element = (tag, name, ...content) => {
    const made = document.createElement(tag);
    if (name) {
      made.className = name;
    }
    made.append(...content);
    return made;
  };

  const told = (name, params, mark = "") => element("p", mark, word(name, params));
  const code = (text) => element("code", "", text);

  const chooseLanguage = () => {
    byId(navigator.language.toLowerCase().startsWith("zh") ? "in-zh" : "in-en").checked = true;
    const follow = () => {
      document.documentElement.lang = byId("in-zh").checked ? "zh-CN" : "en";
    };
    document.querySelectorAll("input[name=language]").forEach((one) => one.addEventListener("change", follow));
    follow();
  };

  // The seed, if the stage allows one: {seed, notes}. Before its stage there is nothing here to make it from.
  const knownSeed = async () => {
    const commitment = data.commitment[0].seed_commitment;
    if (data.reveal) {
      const { seed, seed_text: text } = data.reveal[0];
      if (!seed) {
        return { seed: "", notes: [] };
      }
      const right =
        (await onedoorCheck.hashText(profile, text)) === seed &&
        (await onedoorCheck.seedCommitment(profile, seed)) === commitment;
      return right
        ? { seed, notes: [told("seed_good", { seed }, "good")] }
        : { seed: "", notes: [told("seed_text_bad", {}, "flag")] };
    }
    const inputs = [...document.querySelectorAll("[data-source]")];
    if (inputs.length === 0 || inputs.every((one) => one.value.trim() === "")) {
      return { seed: "", notes: [] };
    }
    const entered = {};
    for (const source of data.entropy) {
      entered[source.kind] = onedoorCheck.narrow(inputs.find((one) => one.dataset.source === source.kind).value);
      const fault = onedoorCheck.grammarFault(source, entered[source.kind]);
      if (fault) {
        return { seed: "", notes: [told(fault.fault, fault, "flag")] };
      }
    }
    const seed = await onedoorCheck.hashText(profile, onedoorCheck.seedText(data, entered));
    const found = await onedoorCheck.seedCommitment(profile, seed);
    return found === commitment
      ? { seed, notes: [told("seed_good", { seed }, "good")] }
      : { seed: "", notes: [told("seed_bad", { commitment: found }, "flag")] };
  };

  const verdictTable = (rows) => {
    const table = element("table", "verdicts");
    table.append(word("table_head"));
    const body = element("tbody", "");
    for (const { stratum, verdict, mark } of rows) {
      const where = element("td", "", element("bdi", "", stratum.task), element("br"));
      where.append(element("span", "soft", element("bdi", "", stratum.stratum_id)));
      const counts = `${stratum.quota.toLocaleString("en")} / ${stratum.size.toLocaleString("en")}`;
      const line = element("tr", mark, where, element("td", mark === "is-drawn" ? "good" : "", verdict));
      line.append(element("td", "n counts", counts), element("td", "hash cutoff", stratum.cutoff || "-"));
      body.append(line);
    }
    table.append(body);
    return element("div", "scroll", table);
  };

  const byHand = (seed, group, own) => {
    // A group may hold a quotation mark; in the command it must stay text.
    const text = onedoorCheck.ticketText(seed, group, own).replaceAll("'", "'\\''");
    const line = `printf '%s' '${text}' | ${byId("check").dataset.program}`;
    return element("details", "", element("summary", "", word("by_hand")), element("pre", "", code(line)));
  };

  const ifYouBelong = (stratum, own) => {
    if (stratum.cutoff === "") {
      return { stratum, verdict: word("if_none"), mark: "is-none" };
    }
    if (onedoorCheck.drawn(own, stratum.cutoff)) {
      return { stratum, verdict: word("if_drawn"), mark: "is-drawn" };
    }
    // Where all are drawn, a ticket above the cutoff is nobody's of this stratum.
    return { stratum, verdict: word(stratum.size === stratum.quota ? "if_certain" : "if_not"), mark: "is-not" };
  };

  const asStated = () => {
    const [wantedClass, wantedDistrict] = ["ask-class", "ask-district"].map((id) => byId(id)?.value ?? "");
    return data.strata.filter(
      (one) =>
        (wantedClass === "" || one.risk_classes.includes(wantedClass)) &&
        (wantedDistrict === "" || one.district === "" || one.district === wantedDistrict),
    );
  };

  // A group in which nothing is drawn, under the names of its tasks.
  const folded = (rows, inside) => {
    const tasks = [...new Set(rows.map(({ stratum }) => stratum.task))].join(" · ");
    return element("details", "task", element("summary", "", word("group_not", { tasks })), ...inside);
  };

  // Where no proof says which strata count: each group's ticket, and what it would mean in each of the strata.
  const fromCode = async (own, seed, strata) => {
    const parts = [told("for_code", { code: own }), told("careful", {}, "soft")];
    const groups = [...new Set(strata.map((one) => one.ticket_group))];
    if (groups.length === 0) {
      return [...parts, told("no_stratum", {})];
    }
    const found = [];
    for (const group of groups) {
      const ticket = await onedoorCheck.ticket(profile, seed, group, own);
      const rows = strata.filter((one) => one.ticket_group === group).map((one) => ifYouBelong(one, ticket));
      rows.sort((one, other) => (other.mark === "is-drawn") - (one.mark === "is-drawn"));
      found.push({ group, ticket, rows, hit: rows[0].mark === "is-drawn" });
    }
    found.sort((one, other) => other.hit - one.hit);
    let left = MOST_ROWS;
    for (const { group, ticket, rows, hit } of found) {
      const shown = rows.slice(0, left);
      left -= shown.length;
      if (shown.length > 0) {
        const inside = [told("group", { group }), element("p", "hash ticket", ticket), byHand(seed, group, own)];
        inside.push(verdictTable(shown));
        parts.push(...(hit || groups.length <= MOST_OPEN ? inside : [folded(rows, inside)]));
      }
    }
    const missing = strata.length - (MOST_ROWS - left);
    return missing > 0 ? [...parts, told("left_off", { n: missing }, "flag")] : parts;
  };

  const rowList = (row) => {
    const list = element("dl", "");
    for (const name of ["enterprise_id", "authority", "unit", "district", "industry", "risk_class", "tags"]) {
      list.append(element("dt", "", word(`row_${name}`)), element("dd", "", element("bdi", "", row[name] || "-")));
    }
    return list;
  };

  const fromProof = async (proof, seed) => {
    const faults = await onedoorCheck.proofFaults(data, proof, seed);
    if (faults.length > 0) {
      const list = element("ul", "flag");
      list.append(...faults.map((one) => element("li", "", word(one.fault, one))));
      return [told("proof_bad", {}, "flag"), list];
    }
    const { enterprise_id: own, index, frame_size: size, row: line } = proof;
    const parts = [told("proof_good", { code: own, index: index + 1, size }, "good")];
    parts.push(told("row", {}), rowList(onedoorCheck.cells(line)));
    if (!data.strata) {
      return parts;
    }
    const rows = [];
    for (const shown of proof.tickets) {
      const stratum = data.strata.find((one) => one.stratum_id === shown.stratum_id);
      const ticket = seed ? await onedoorCheck.ticket(profile, seed, shown.group, own) : shown.ticket;
      if (ticket === "") {
        continue;
      }
      const yes = onedoorCheck.drawn(ticket, stratum.cutoff);
      const verdict = element("div", "", word(yes ? "drawn" : "not_drawn"), element("div", "hash soft", ticket));
      rows.push({ stratum, verdict, mark: yes ? "is-drawn" : "is-not" });
    }
    if (rows.length === 0 && seed) {
      const row = onedoorCheck.cells(line);
      return [...parts, ...(await fromCode(own, seed, data.strata.filter((one) => onedoorCheck.ofStratum(one, row))))];
    }
    if (rows.length === 0) {
      return [...parts, told("no_tickets", {})];
    }
    return [...parts, verdictTable(rows), told(seed ? "recomputed" : "not_yet", {}, seed ? "good" : "soft")];
  };

  const answer = async (file, typed) => {
    const { seed, notes } = await knownSeed();
    const parts = [...notes];
    if (file) {
      const proof = file.size <= MOST_BYTES ? onedoorCheck.readProof(await file.text()) : null;
      return [...parts, ...(proof ? await fromProof(proof, seed) : [told("file_bad", {}, "flag")])];
    }
    if (!byId("ask-code")) {
      return [...parts, told("file_bad", {}, "flag")];
    }
    const { code: own, fault } = onedoorCheck.readCode(typed);
    if (fault === "no_code" || fault === "bad_code") {
      return [...parts, told(fault, { code: own }, "flag")];
    }
    if (!seed) {
      return notes.length > 0 ? parts : [told("no_seed", {}, "flag")];
    }
    const warning = fault ? [told(fault, { code: own }, "flag")] : [];
    return [...parts, ...warning, ...(await fromCode(own, seed, asStated()))];
  };

  // Answers come in the order of the questions: an older one that ends later is dropped.
  let asked = 0;
  const ask = async () => {
    asked += 1;
    const mine = asked;
    const result = byId("check-result");
    result.replaceChildren(told("wait", {}));
    const parts = await answer(byId("ask-proof").files[0], byId("ask-code")?.value ?? "");
    if (mine === asked) {
      result.replaceChildren(...parts);
    }
  };

  const wire = () => {
    const form = byId("check-form");
    if (form) {
      form.hidden = false;
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        ask();
      });
      byId("ask-proof").addEventListener("change", ask);
      byId("ask-code")?.addEventListener("input", () => {
        byId("ask-proof").value = "";
      });
    }
    const print = byId("do-print");
    print.hidden = false;
    print.addEventListener("click", () => {
      document.body.classList.add("only-paper");
      window.print();
    });
    // What is printed is whole.
    window.addEventListener("beforeprint", () => {
      document.querySelectorAll("details.task").forEach((one) => {
        one.open = true;
      });
    });
    window.addEventListener("afterprint", () => document.body.classList.remove("only-paper"));
  };

  chooseLanguage();
  wire();
})();
