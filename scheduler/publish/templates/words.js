// The page's words in both languages, from <template data-word>: word("group", { group: "task:T-1" }) is a fragment
// with {group} filled in as text, never as markup.
const onedoorWords = (() => {
  const word = (name, params = {}) => {
    const made = document.querySelector(`template[data-word="${name}"]`).content.cloneNode(true);
    const walker = document.createTreeWalker(made, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode;
      text.data = text.data.replace(/\{([a-z_]+)\}/g, (all, key) => String(params[key] ?? all));
    }
    return made;
  };
  return Object.freeze({ word });
})();
