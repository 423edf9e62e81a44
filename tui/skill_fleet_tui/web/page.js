// Every key is for the dashboard: from its first screen on, and again when somebody comes back to the window.
"use strict";

const takeKeys = () => document.querySelector(".xterm-helper-textarea")?.focus();

new MutationObserver(takeKeys).observe(document.body, { attributeFilter: ["class"] });
window.addEventListener("focus", takeKeys);
