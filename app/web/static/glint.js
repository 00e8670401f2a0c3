// What the screens do besides the server's own pages: ticking journals, printing, and telling where a form is at work.
// Everything works without it too; the server checks every form by itself.
(() => {
  "use strict";

  const grouped = (minor, digits) => {
    // Amounts are integers of any size, never floats.
    const text = minor.toString().padStart(digits + 1, "0");
    const whole = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, ",");
    return digits ? `${whole}.${text.slice(-digits)}` : whole;
  };

  const idOf = (box) => box.value.split(":")[0];
  let ticks = new Set();

  const update = (form) => {
    const busy = "busy" in form.dataset;
    const all = form.querySelector("[data-tick-all]");
    const boxes = [...form.querySelectorAll("input[name=journal]")];
    const ticked = boxes.filter((box) => box.checked);
    const whole = Boolean(all && all.checked);
    boxes.forEach((box) => { box.disabled = whole; });
    const count = whole ? Number(form.dataset.allCount) : ticked.length;
    const total = whole ? BigInt(form.dataset.allTotal) : ticked.reduce((sum, box) => sum + BigInt(box.dataset.total), 0n);
    const valid = whole
      ? form.dataset.allValid === "yes"
      : ticked.length > 0 && ticked.every((box) => box.dataset.status === "valid" && !("held" in box.dataset));
    const page = form.querySelector("[data-tick-page]");
    if (page) {
      page.checked = !whole && boxes.length > 0 && ticked.length === boxes.length;
      page.indeterminate = !whole && ticked.length > 0 && ticked.length < boxes.length;
      page.disabled = whole;
    }
    const chosen = form.querySelector("[data-chosen]");
    if (chosen) {
      const sum = grouped(total, Number(form.dataset.digits));
      chosen.textContent = count ? `${count.toLocaleString("en")} ticked, ${chosen.dataset.currency} ${sum}` : "Nothing ticked";
    }
    form.querySelectorAll("[data-needs-some]").forEach((button) => { button.disabled = busy || count === 0; });
    form.querySelectorAll("[data-needs-valid]").forEach((button) => { button.disabled = busy || !valid; });
    const hint = form.querySelector("#send-hint");
    if (hint) hint.hidden = valid;
  };

  // Lists of links that are wider than the screen are pushed to where one is.
  const showCurrent = () => document.querySelectorAll(".menu ul, .tabs.many").forEach((list) => {
    const current = list.querySelector("[aria-current]");
    if (!current) return;
    const room = list.getBoundingClientRect(), its = current.getBoundingClientRect();
    list.scrollLeft += its.left - room.left - (room.width - its.width) / 2;
  });

  const updateAll = () => document.querySelectorAll("form[data-selection]").forEach(update);

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-selection]");
    if (!form) return;
    if (event.target.matches("[data-tick-page]")) {
      form.querySelectorAll("input[name=journal]").forEach((box) => { box.checked = event.target.checked; });
    }
    update(form);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // Whoever signs in at the issuer takes the organisation along that they typed.
  const updateIssuer = () => {
    const link = document.querySelector("[data-issuer]");
    if (!link) return;
    const address = new URL(link.href);
    address.searchParams.set("organisation", document.querySelector("[data-organisation]").value);
    link.href = address.href;
  };
  document.addEventListener("input", (event) => { if (event.target.matches("[data-organisation]")) updateIssuer(); });

  // A second click while a form is on its way would send it twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-boost")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; form.removeAttribute("aria-busy"); });
    document.querySelectorAll("form[data-busy]").forEach((form) => { delete form.dataset.busy; });
    updateAll();
    updateIssuer();
  });

  // While the ERP is asked nothing more is sent; people may go on ticking.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.matches("form[data-selection]")) return;
    event.target.dataset.busy = "yes";
    update(event.target);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.target.matches("form[data-selection]")) return;
    delete event.target.dataset.busy;
    update(event.target);
  });
  // What is ticked stays ticked when the list is drawn anew, as long as it is in the list.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id === "main") ticks = new Set([...document.querySelectorAll("input[name=journal]:checked:enabled")].map(idOf));
  });
  // What somebody typed is not replaced by what a field would begin with.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const field = event.target.matches("[data-prefilled]") ? event.target.querySelector("input") : null;
    if (field && field.value !== field.defaultValue) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "main") {
      document.querySelectorAll("input[name=journal]").forEach((box) => { box.checked = ticks.has(idOf(box)); });
      showCurrent();
    }
    updateAll();
    // People who cannot see the page hear what came of what they did.
    if (event.target.id === "main") {
      const notice = document.querySelector("[data-notice]");
      (notice || document.getElementById("main")).focus({ preventScroll: false });
    }
  });
  showCurrent();
  updateAll();
})();
