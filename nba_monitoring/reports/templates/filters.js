// Shows the filters, which hide what is not chosen. Without this script everything is shown.
const [stage, status] = ["stage", "status"].map((name) => document.getElementById(`filter-${name}`));

function filter() {
  const column = stage.selectedIndex;
  for (const row of document.querySelectorAll(".month tr")) {
    const cells = [...row.cells].slice(1);
    cells.forEach((cell, index) => (cell.hidden = column > 0 && index + 1 !== column));
    const shown = cells.filter((cell) => !cell.hidden);
    row.hidden = row.parentNode.tagName === "TBODY" && status.value !== "" && !shown.some((cell) => cell.className === status.value);
  }
  for (const month of document.querySelectorAll(".month")) month.hidden = !month.querySelector("tbody tr:not([hidden])");
  for (const row of document.querySelectorAll("[data-stage]")) {
    const { stage: ofStage, status: ofStatus } = row.dataset; // a row without a status has all of them
    row.hidden = (column > 0 && ofStage !== stage.value) || (status.value !== "" && ofStatus && ofStatus !== status.value);
  }
}

for (const choice of [stage, status]) choice.addEventListener("change", filter);
document.getElementById("filters").hidden = false;
filter(); // A browser may keep what was chosen before a reload.
