"use strict";

// Keeps a page up to date while somebody looks at it. Without this, a page shows how things were
// when it was asked for. Every piece of HTML comes from the same server and is escaped there.

(() => {
  const root = document.querySelector("[data-events]");
  const log = document.getElementById("log");
  const follow = document.getElementById("follow");
  const mostLines = 2000;

  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
  };

  if (log) toEnd();
  if (!root) return;

  // This browser's clock need not be the server's.
  const skew = Date.now() - Date.parse(root.dataset.now);

  // As base::format_duration() has it.
  const duration = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    const of = (unit, size, nextUnit, nextSize) => {
      const rest = Math.floor((whole % size) / nextSize);
      return `${Math.floor(whole / size)}${unit}${rest ? ` ${rest}${nextUnit}` : ""}`;
    };
    if (whole < 60) return `${whole}s`;
    if (whole < 3600) return of("min", 60, "s", 1);
    if (whole < 86400) return of("h", 3600, "min", 60);
    return of("d", 86400, "h", 3600);
  };

  const tick = () => {
    const secondsSince = (text) => (Date.now() - skew - Date.parse(text)) / 1000;
    for (const element of root.querySelectorAll("[data-since]")) {
      element.textContent = duration(secondsSince(element.dataset.since));
    }
    for (const element of root.querySelectorAll("[data-from]")) {
      element.value = Math.min(element.max, Math.max(0, secondsSince(element.dataset.from)));
    }
  };
  const ticking = setInterval(tick, 1000);

  const replace = (element, html) => {
    // What somebody has opened stays open, and what has the focus keeps it.
    const open = [...element.querySelectorAll("details[open]")].map((details) => details.id);
    const focused = element.contains(document.activeElement) ? document.activeElement : null;
    element.innerHTML = html;
    for (const id of open) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    const href = focused?.getAttribute("href");
    if (href) element.querySelector(`a[href="${CSS.escape(href)}"]`)?.focus();
    tick();
  };

  if (log && follow) {
    follow.parentElement.hidden = false;
    log.addEventListener("scroll", () => {
      follow.checked = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
    });
    follow.addEventListener("change", () => {
      if (follow.checked) toEnd();
    });
  }
  const changeLog = (change) => {
    const follows = follow.checked;
    change();
    while (log.childElementCount > mostLines) log.firstElementChild.remove();
    if (follows) toEnd();
  };

  const source = new EventSource(root.dataset.events);
  const on = (name, action) => source.addEventListener(name, (event) => action(event.data));
  on("status", (text) => {
    const status = document.getElementById("status");
    // The same words again are no news for who listens.
    if (status.textContent !== text) status.textContent = text;
  });
  on("live", (html) => replace(document.getElementById("live"), html));
  on("state", (html) => replace(document.getElementById("state"), html));
  on("ended", () => {
    document.getElementById("stale").hidden = false;
  });
  on("log", (html) => changeLog(() => (log.innerHTML = html)));
  on("log-more", (html) => changeLog(() => log.insertAdjacentHTML("beforeend", html)));
  on("over", () => {
    source.close();
    clearInterval(ticking);
    if (follow) follow.parentElement.hidden = true;
  });
})();
