// What a visitor's browser works out by itself: codes, seeds, tickets, proofs (docs/draw-spec.md sections 2, 3, 15).
// In: the page's data, what was typed, the text of a proof. Out: values; nothing here touches the page.
const onedoorCheck = (() => {
  const DIGEST = /^[0-9a-f]{64}$/;
  const CODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
  const USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"; // GB 32100-2015, table 1
  const COLUMNS = ["enterprise_id", "authority", "unit", "district", "industry", "risk_class", "tags"];
  const encoder = new TextEncoder();

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const unhex = (digits) => Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16));

  // The browser's own SHA-256 where it offers one; from plain http it does not, and SM3 never.
  const hashBytes = async (profile, bytes) => {
    const own = globalThis.crypto && globalThis.crypto.subtle;
    if (profile === "sha256" && own) {
      return hex(new Uint8Array(await own.digest("SHA-256", bytes)));
    }
    return onedoorHashes[profile](bytes);
  };
  const hashText = (profile, text) => hashBytes(profile, encoder.encode(text.normalize("NFC")));

  // Full-width forms and blanks as the import reads them; nothing typed for a code or a result holds a blank.
  const narrow = (typed) =>
    typed
      .normalize("NFC")
      .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
      .replace(/[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "");

  // Weights 3^0 .. 3^16 and 1; the sum is divisible by 31 (GB 32100-2015).
  const rightUscc = (code) => {
    let sum = 0;
    let weight = 1;
    for (let n = 0; n < 18; n += 1) {
      const value = USCC.indexOf(code.charAt(n));
      if (code.length !== 18 || value < 0) {
        return false;
      }
      sum += value * (n < 17 ? weight : 1);
      weight = (weight * 3) % 31;
    }
    return sum % 31 === 0;
  };

  // A code as the register holds it: {code, fault: "" | "no_code" | "bad_code" | "check_digit"}.
  const readCode = (typed) => {
    const code = narrow(typed);
    if (code === "") {
      return { code, fault: "no_code" };
    }
    if (!CODE.test(code)) {
      return { code, fault: "bad_code" };
    }
    const upper = code.toUpperCase();
    if (rightUscc(upper)) {
      return { code: upper, fault: "" };
    }
    return { code, fault: /^[A-Za-z0-9]{18}$/.test(code) ? "check_digit" : "" };
  };

  // Whether what was entered for a source has its grammar: null, or {fault, ..} with positions from 1.
  const grammarFault = (source, entered) => {
    const signs = Array.from(entered);
    const at = signs.findIndex((sign) => !source.alphabet.includes(sign));
    if (at >= 0) {
      return { fault: "grammar_sign", position: at + 1, sign: signs[at], alphabet: source.alphabet };
    }
    if (signs.length !== source.length) {
      return { fault: "grammar_length", length: source.length, found: signs.length };
    }
    return null;
  };

  const seedText = (data, entered) =>
    [
      ["spec", data.commitment[0].spec],
      ["profile", data.commitment[0].profile],
      ["campaign", data.campaign[0].campaign_id],
      ["slot", data.campaign[0].slot],
      ...data.entropy.map((source) => [source.kind, entered[source.kind]]),
    ]
      .map(([name, value]) => `${name}=${value}\n`)
      .join("");

  const seedCommitment = (profile, seed) => hashText(profile, `onedoor-seed-commit|${seed}`);
  const ticketText = (seed, group, code) => `${seed}|E|${group}|${code}`;
  const ticket = (profile, seed, group, code) => hashText(profile, ticketText(seed, group, code));

  // Digests compare as text: 64 lower-case hexadecimal digits each, so unit order is the order of numbers.
  const drawn = (own, cutoff) => own !== "" && cutoff !== "" && own <= cutoff;

  // One line of the frame's CSV to its cells; null where it is none.
  const cells = (row) => {
    const found = [];
    const cell = /("(?:[^"]|"")*"|[^",]*)(,|$)/gy;
    while (cell.lastIndex <= row.length) {
      const match = cell.exec(row);
      if (match === null) {
        return null;
      }
      found.push(match[1].startsWith('"') ? match[1].slice(1, -1).replaceAll('""', '"') : match[1]);
      if (match[2] === "") {
        break;
      }
    }
    return Object.fromEntries(COLUMNS.map((name, n) => [name, found[n] ?? ""]));
  };

  const joined = (first, ...parts) => {
    const whole = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0));
    whole[0] = first;
    let at = 1;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  };

  // RFC 9162 section 2.1.3.2, in plain division: an index may be above 2^31.
  const leadsToRoot = async (profile, proof) => {
    let own = await hashBytes(profile, joined(0, encoder.encode(`${proof.row}|${proof.salt}`)));
    let at = proof.index;
    let last = proof.frame_size - 1;
    if (at > last) {
      return false;
    }
    for (const sibling of proof.path) {
      if (last === 0) {
        return false;
      }
      if (at % 2 === 1 || at === last) {
        own = await hashBytes(profile, joined(1, unhex(sibling), unhex(own)));
        while (at % 2 === 0 && at !== 0) {
          [at, last] = [at / 2, Math.floor(last / 2)];
        }
      } else {
        own = await hashBytes(profile, joined(1, unhex(own), unhex(sibling)));
      }
      [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    }
    return last === 0 && own === proof.frame_root;
  };

  const isDigest = (value) => typeof value === "string" && DIGEST.test(value);
  const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
  const isText = (value) => typeof value === "string";

  // The text of a file to a proof; null for anything else.
  const readProof = (text) => {
    let proof;
    let plan;
    try {
      proof = JSON.parse(text);
      plan = JSON.parse(proof.plan);
    } catch (error) {
      return null;
    }
    const right =
      proof.form === "onedoor.inclusion/1" &&
      [proof.plan, proof.row, proof.enterprise_id, proof.campaign_id].every(isText) &&
      [proof.plan_sha256, proof.frame_root, proof.salt].every(isDigest) &&
      [proof.index, proof.frame_size].every(isCount) &&
      Array.isArray(proof.path) &&
      proof.path.every(isDigest) &&
      Array.isArray(proof.tickets) &&
      proof.tickets.every((one) => one !== null && [one.stratum_id, one.group, one.ticket, one.cutoff].every(isText)) &&
      plan !== null &&
      Array.isArray(plan.strata) &&
      plan.settings !== null &&
      typeof plan.settings === "object";
    return right ? { ...proof, committed: plan } : null;
  };

  const ofStratum = (stratum, row) =>
    stratum.risk_classes.includes(row.risk_class) && (stratum.district || row.district) === row.district;

  const inPlan = (plan, shown) => {
    const one = plan.strata.find((stratum) => stratum.stratum_id === shown.stratum_id);
    return one && one.group === shown.group && one.size === shown.size && one.quota === shown.quota;
  };

  // What is wrong with a proof, as [{fault, ..}]; empty where everything holds against this page's data.
  const proofFaults = async (data, proof, seed) => {
    const { profile, plan_sha256: due } = data.commitment[0];
    const faults = [];
    const found = await hashBytes(profile, encoder.encode(proof.plan));
    if (found !== due || proof.plan_sha256 !== due) {
      faults.push({ fault: "other_plan", found });
    }
    const told = [proof.frame_root, proof.frame_size, proof.campaign_id];
    const committed = [proof.committed.frame_root, proof.committed.frame_size, proof.committed.settings.campaign_id];
    if (told.some((value, n) => value !== committed[n])) {
      faults.push({ fault: "other_root" });
    }
    if (!(await leadsToRoot(profile, proof))) {
      faults.push({ fault: "no_path" });
    }
    const row = cells(proof.row) ?? {};
    if (row.enterprise_id !== proof.enterprise_id) {
      faults.push({ fault: "other_row", code: proof.enterprise_id });
    }
    for (const shown of proof.tickets) {
      const public_ = (data.strata ?? []).find((one) => one.stratum_id === shown.stratum_id);
      if (!inPlan(proof.committed, shown) || (data.strata && !(public_ && ofStratum(public_, row)))) {
        faults.push({ fault: "other_stratum", stratum: shown.stratum_id });
        continue;
      }
      const right = seed ? await ticket(profile, seed, shown.group, proof.enterprise_id) : shown.ticket;
      const cutoff = shown.ticket === "" || !public_ ? shown.cutoff : public_.cutoff;
      const follows = shown.drawn === drawn(shown.ticket, shown.cutoff);
      if (!follows || shown.cutoff !== cutoff || (shown.ticket !== "" && shown.ticket !== right)) {
        faults.push({ fault: "other_ticket", stratum: shown.stratum_id });
      }
    }
    return faults;
  };

  return Object.freeze({
    cells, drawn, grammarFault, hashText, narrow, ofStratum, proofFaults, readCode, readProof, seedCommitment,
    seedText, ticket, ticketText,
  });
})();
