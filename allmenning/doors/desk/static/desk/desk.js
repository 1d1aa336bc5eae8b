// Keys for those who work in the list all day. Everything has a link or a button as well.
const help = document.querySelector("[data-shortcuts]");
const turned = document.querySelector("[data-shortcuts-switch]");
const OFF = "desk-shortcuts-off";

if (help && turned) {
  help.hidden = false;
  turned.checked = localStorage.getItem(OFF) === null;
  turned.addEventListener("change", () => {
    if (turned.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  });
  document.addEventListener("keydown", press);
}

function press(event) {
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !turned.checked) return;
  const act = { j: () => move(1), k: () => move(-1), "/": find, "?": () => help.toggleAttribute("open") }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function move(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const here = rows.indexOf(document.activeElement);
  const there = here < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + step, 0), rows.length - 1);
  rows[there]?.focus();
  rows[there]?.scrollIntoView({ block: "nearest" });
}

function find() {
  const field = document.querySelector("[data-find]");
  field?.focus();
  field?.select();
}

// ---- A row that was added to a form: one writes in it at once ----

const added = document.querySelector("[data-go-to]");
if (added) document.getElementById(added.dataset.goTo)?.querySelector("input, select, textarea")?.focus();

// ---- The parts of a case: which one is shown is said, and stays when the address leads to a place outside them ----

const parts = document.querySelector("[data-parts]");
const first = document.querySelector(".case-part.is-first");
if (parts) {
  tell();
  window.addEventListener("hashchange", tell);
}

function tell() {
  const all = [...document.querySelectorAll(".case-part")];
  const place = document.getElementById(location.hash.slice(1))?.closest(".case-part, .case-parts");
  const kept = location.hash ? place : first;
  if (all.includes(kept)) for (const each of all) each.classList.toggle("is-first", each === kept);
  const shown = place ?? all.find((each) => each.checkVisibility());
  for (const link of parts.querySelectorAll("a")) {
    if (link.hash === `#${shown.id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}
