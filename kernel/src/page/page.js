"use strict";
// A button on every block of code that copies it.
for (const block of document.querySelectorAll(".code")) {
  const code = block.querySelector("code");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy the code");
  // Screen readers say what a button came to, without moving there.
  const status = document.createElement("span");
  status.className = "unseen";
  status.setAttribute("role", "status");
  const say = (text) => {
    button.textContent = text;
    status.textContent = text;
    setTimeout(() => {
      button.textContent = "Copy";
      status.textContent = "";
    }, 1500);
  };
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      say("Copied");
    } catch {
      // Without permission the reader can still copy what is selected.
      getSelection().selectAllChildren(code);
      say("Selected");
    }
  });
  block.append(button, status);
}

// What is larger than its place is scrolled, also by those who have no mouse.
const wide = document.querySelectorAll("pre, .prose table, .html, .formula");
const makeReachable = () => {
  for (const element of wide) {
    const isLarger = element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight;
    if (isLarger) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }
};
addEventListener("resize", makeReachable);
makeReachable();

// Paper cannot be unfolded.
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details:not([open])")];
  for (const element of unfolded) element.open = true;
});
addEventListener("afterprint", () => {
  for (const element of unfolded) element.open = false;
});

// A link into a folded part unfolds it.
const unfoldTarget = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let element = target; element; element = element.parentElement) {
    if (element.localName === "details") element.open = true;
  }
};
addEventListener("hashchange", unfoldTarget);
unfoldTarget();

// On a small screen the contents would push the notebook away.
const contents = document.querySelector("nav details");
if (contents && matchMedia("(max-width: 70rem)").matches) contents.open = false;

// The contents show where the reader is.
if (contents) {
  const links = new Map();
  for (const link of contents.querySelectorAll("a")) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading) links.set(heading, link);
  }
  const mark = () => {
    let current;
    for (const [heading, link] of links) {
      if (heading.getBoundingClientRect().top > innerHeight / 4) break;
      current = link;
    }
    for (const link of links.values()) {
      if (link === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      mark();
    });
  }, { passive: true });
  mark();
}
