// The big screen: what is called out at the ceremony goes in for all to see, checked by the committed grammar.
// Out: the text of the ceremony file under a link made in this browser; nothing is sent, nothing is kept.
(() => {
  const GROUP = 5;
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const { word } = onedoorWords;
  const source = data.entropy.find((one) => one.kind === "ceremony");
  const screen = byId("ceremony");
  const called = byId("called");

  const sign = (text, at) => {
    const made = document.createElement("span");
    made.textContent = text ?? "\u00b7";
    if (text === undefined) {
      made.className = "empty";
    } else if (!source.alphabet.includes(text) || at >= source.length) {
      made.className = "wrong";
    }
    return made;
  };

  const board = (signs) => {
    const groups = [];
    for (let first = 0; first < Math.max(source.length, signs.length); first += GROUP) {
      const group = document.createElement("span");
      group.className = "group";
      for (let at = first; at < first + GROUP && at < Math.max(source.length, signs.length); at += 1) {
        group.append(sign(signs[at], at));
      }
      groups.push(group);
    }
    byId("digits").replaceChildren(...groups);
  };

  let link = "";
  const offer = async (text) => {
    URL.revokeObjectURL(link);
    link = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" }));
    byId("do-save").href = link;
    byId("ceremony-text").textContent = text;
    const alone = data.entropy.length === 1;
    byId("ceremony-alone").hidden = !alone;
    byId("ceremony-more").hidden = alone;
    if (alone) {
      const { profile } = data.commitment[0];
      const seed = await onedoorCheck.hashText(profile, onedoorCheck.seedText(data, { ceremony: text }));
      const commitment = await onedoorCheck.seedCommitment(profile, seed);
      if (byId("ceremony-text").textContent === text) {
        byId("ceremony-commitment").textContent = commitment; // nobody typed on in the meantime
      }
    }
  };

  const follow = async () => {
    const text = onedoorCheck.narrow(called.value);
    const signs = Array.from(text);
    board(signs);
    byId("ceremony-count").replaceChildren(word("big_count", { found: signs.length, length: source.length }));
    const fault = onedoorCheck.grammarFault(source, text);
    const early = fault && fault.fault === "grammar_length" && signs.length < source.length;
    byId("ceremony-fault").replaceChildren(...(fault && !early ? [word(fault.fault, fault)] : []));
    byId("ceremony-done").hidden = fault !== null;
    if (fault === null) {
      await offer(text);
    } else {
      byId("do-save").removeAttribute("href");
      byId("ceremony-text").textContent = "";
      byId("ceremony-commitment").textContent = "";
    }
  };

  // A browser may refuse full screen; the entry covers the window all the same.
  const full = () => screen.requestFullscreen?.().catch(() => undefined);

  const open = () => {
    screen.hidden = false;
    document.body.classList.add("only-screen");
    follow();
    called.focus();
  };

  const close = () => {
    screen.hidden = true;
    document.body.classList.remove("only-screen");
    if (document.fullscreenElement) {
      document.exitFullscreen();
    }
  };

  const clear = () => {
    called.value = "";
    follow();
    called.focus();
  };

  byId("do-big").hidden = false;
  byId("do-big").addEventListener("click", open);
  byId("do-full").addEventListener("click", full);
  byId("do-back").addEventListener("click", close);
  byId("do-clear").addEventListener("click", clear);
  called.addEventListener("input", follow);
})();
