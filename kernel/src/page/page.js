"use strict";
// A button on every block of code that copies it.
for (const block of document.querySelectorAll(".code")) {
  const code = block.querySelector("code");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  const say = (text) => {
    button.textContent = text;
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
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
  block.append(button);
}

// Frames as high as their content, which scripts cannot change.
for (const frame of document.querySelectorAll("iframe")) {
  const fit = () => {
    const root = frame.contentDocument?.documentElement;
    if (root) frame.style.height = `${Math.min(root.scrollHeight, 2000) + 2}px`;
  };
  frame.addEventListener("load", fit);
  addEventListener("resize", fit);
  fit();
}

// On a small screen the contents would push the notebook away.
const contents = document.querySelector("nav details");
if (contents && matchMedia("(max-width: 70rem)").matches) contents.open = false;
