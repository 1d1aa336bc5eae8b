// What a form does better with JavaScript: it says what is wrong with a field when it is left, and shows the questions that
// an answer opens. Everything works without it: the same is said, and shown, when the page is sent.

const page = document.querySelector("[data-form-page]");
const form = page?.closest("form");
if (form) start();

function start() {
  for (const part of page.querySelectorAll("[data-update]")) part.hidden = Boolean(page.dataset.checkUrl);
  form.addEventListener("input", (event) => count(event.target));
  for (const area of page.querySelectorAll("textarea")) count(area);
  if (page.dataset.checkUrl) checkWhatIsLeft();
}

// ---- How many characters are left ----

function count(area) {
  const ids = area.getAttribute?.("aria-describedby")?.split(" ") ?? [];
  const hint = ids.map((id) => document.getElementById(id)).find((part) => part?.dataset.limit);
  if (!hint) return;
  const left = Number(hint.dataset.limit) - [...area.value].length;
  hint.textContent = (left < 0 ? hint.dataset.over : hint.dataset.left).replace("%d", Math.abs(left).toLocaleString(page.lang));
  hint.dataset.state = left < 0 ? "over" : "";
}

// ---- Asking on leaving a field ----

function checkWhatIsLeft() {
  const left = new Set(); // the fields that the person has been in and left: only they are told of
  const away = new Map(); // questions that an answer took away, with what was typed in them
  let asking = null;
  let soon = 0;
  let pressing = Promise.resolve();

  for (const field of page.querySelectorAll("[data-pointer]")) if (messageOf(field)) left.add(field.dataset.pointer);

  // Moving the page between a press and its release would make the press miss its button.
  document.addEventListener("pointerdown", () => {
    pressing = new Promise((resolve) => {
      for (const end of ["pointerup", "pointercancel"]) {
        document.addEventListener(end, () => setTimeout(resolve, 0), { once: true });
      }
    });
  });

  form.addEventListener("change", (event) => {
    const field = event.target.closest("[data-pointer]");
    if (!field || event.target.type === "file") return;
    if (event.target.matches("[type=radio], [type=checkbox], select")) left.add(field.dataset.pointer);
    ask();
  });

  form.addEventListener("focusout", (event) => {
    const field = event.target.closest("[data-pointer]");
    const next = event.relatedTarget;
    if (!field || event.target.type === "submit" || event.target.type === "file") return;
    if (field.contains(next) || next?.type === "submit") return; // still in it, or sending the page
    if (!next && !changed(field)) return; // another window, or a press beside the fields
    left.add(field.dataset.pointer);
    ask();
  });

  form.addEventListener("submit", () => {
    clearTimeout(soon);
    asking?.abort();
  });

  function ask() {
    clearTimeout(soon);
    soon = setTimeout(check, 30); // a change and a leaving come together
  }

  async function check() {
    asking?.abort();
    asking = new AbortController();
    const mine = asking;
    try {
      const response = await fetch(page.dataset.checkUrl, {
        method: "POST",
        body: typed(),
        credentials: "same-origin",
        headers: { Accept: "application/json" },
        signal: mine.signal,
      });
      if (!response.ok) return;
      const answer = await response.json();
      await pressing;
      if (mine.signal.aborted) return;
      merge(page.querySelector("[data-nodes]"), nodesOf(answer.html), away);
      for (const field of page.querySelectorAll("[data-pointer]")) {
        const pointer = field.dataset.pointer;
        if (left.has(pointer)) say(field, answer.errors[pointer] ?? "");
      }
    } catch {
      // No answer, no advice: the page is checked again when it is sent.
    }
  }

  function typed() {
    const values = new FormData(form);
    for (const [name, value] of [...values]) if (value instanceof File) values.delete(name);
    return values;
  }
}

function changed(field) {
  return [...field.querySelectorAll("input, textarea")].some((input) => input.value !== input.defaultValue);
}

// ---- The error beside the field, and its line in the summary ----

function messageOf(field) {
  const messages = field.querySelectorAll(".ds-validation-message");
  return [...messages].find((message) => message.closest("[data-pointer]") === field);
}

function say(field, text) {
  const old = messageOf(field);
  if ((old?.dataset.text ?? old?.lastChild.textContent ?? "") === text) return;
  old?.remove();
  const id = `f${field.dataset.pointer.replaceAll("/", "-")}-error`;
  const inputs = [...field.querySelectorAll("input:not([type=hidden]), select, textarea")].filter(
    (input) => input.closest("[data-pointer]") === field,
  );
  const described = field.matches("fieldset") ? [field] : inputs;
  for (const part of described) {
    const ids = (part.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
    if (text) ids.push(id);
    part.toggleAttribute("aria-describedby", ids.length > 0);
    if (ids.length) part.setAttribute("aria-describedby", ids.join(" "));
  }
  for (const input of inputs) {
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  if (text) (field.querySelector(":scope > .ds-field") ?? field).append(message(id, text));
  else forget(field.dataset.pointer);
}

function message(id, text) {
  const paragraph = document.createElement("p");
  paragraph.id = id;
  paragraph.className = "ds-validation-message";
  paragraph.dataset.field = "validation";
  paragraph.dataset.text = text;
  paragraph.textContent = text;
  page.querySelector("[data-form-status]").textContent = text;
  return paragraph;
}

function forget(pointer) {
  const summary = page.querySelector("[data-error-summary]");
  summary?.querySelector(`[data-for="${CSS.escape(pointer)}"]`)?.remove();
  if (summary && !summary.querySelector("li") && !summary.contains(document.activeElement)) summary.remove();
}

// ---- Questions that come and go ----

function nodesOf(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector("[data-nodes]");
}

// Make `here` hold the questions of `fresh`, in its order. What is already here stays as it is, with its focus and what is
// typed in it; what goes away is kept, and comes back as it was.
function merge(here, fresh, away) {
  if (!here || !fresh) return;
  const wanted = new Map([...fresh.children].map((node) => [node.dataset.key, node]));
  const had = new Map([...here.children].map((node) => [node.dataset.key, node]));
  for (const [key, node] of had) {
    if (!wanted.has(key)) away.set(key, node);
    if (!wanted.has(key) || wanted.get(key).hasAttribute("data-disabled") !== node.hasAttribute("data-disabled")) {
      node.remove();
      had.delete(key);
    }
  }
  let place = here.firstElementChild;
  for (const [key, node] of wanted) {
    const mine = had.get(key) ?? away.get(key) ?? document.importNode(node, true);
    away.delete(key);
    if (mine === place) place = place.nextElementSibling;
    else here.insertBefore(mine, place);
    merge(container(mine), container(node), away);
  }
}

function container(node) {
  return node.matches("[data-nodes]") ? node : node.querySelector("[data-nodes]");
}
