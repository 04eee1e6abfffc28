// Tables that the theme lets scroll can be reached by keyboard, too.
(() => {
  "use strict";
  const language = document.documentElement.lang;
  function reach() {
    for (const box of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", language === "ko" ? "표" : "table");
    }
  }
  new MutationObserver(reach).observe(document.documentElement, { childList: true, subtree: true });
  reach();
})();
