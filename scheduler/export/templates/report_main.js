// Puts the parts together: language, first drawing, what is drawn again when something else is asked for.
(() => {
  const { byId, part, english } = onedoorPage;
  const { drawTasks, drawVisits, drawPeople, drawLeft, restart } = onedoorTables;

  const byFilter = () => {
    onedoorCalendar.draw();
    onedoorCalendar.drawShares();
    onedoorGantt.draw();
    drawVisits();
    onedoorLoad.draw();
    drawPeople();
    onedoorMap.draw();
  };
  const words = () => {
    document.documentElement.lang = english() ? "en" : "zh-CN";
    onedoorFilters.words();
    onedoorGantt.words();
    onedoorPairs.words();
  };

  byId(navigator.language.toLowerCase().startsWith("zh") ? "in-zh" : "in-en").checked = true;
  words();
  onedoorFilters.wire();
  onedoorMap.wire();
  onedoorFilters.tell(); // nobody listens yet: the number of visits only
  onedoorGantt.wire();
  onedoorPairs.wire();
  drawTasks();
  byFilter();
  drawLeft();
  onedoorPairs.draw();

  onedoorFilters.onChange(() => {
    ["visits", "people", "strips", "routes"].forEach((name) => restart(part(name)));
    byFilter();
  });
  document.querySelectorAll("input[name=language]").forEach((one) =>
    one.addEventListener("change", () => {
      words();
      onedoorFilters.tell();
      drawTasks();
      drawLeft();
      onedoorPairs.draw();
    }),
  );
  document.documentElement.dataset.ready = "yes";
})();
