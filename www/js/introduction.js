// The introduction: commands that can be copied, and the sample in two languages.

const PATIENCE = 1500;

export function startIntroduction() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () => copy(button));
  }
  startTabs(document.querySelector("[role=tablist]"));
}

async function copy(button) {
  const [label] = button.childNodes;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    label.data = "Copied";
  } catch {
    // Without the permission the text can still be selected.
    label.data = "Refused";
  }
  setTimeout(() => (label.data = "Copy"), PATIENCE);
}

/** The keys of the ARIA practices: arrows move and choose, Home and End go to the ends. */
function startTabs(list) {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const choose = (chosen) => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
    }
  };
  list.addEventListener("click", ({ target }) => tabs.includes(target) && choose(target));
  list.addEventListener("keydown", (event) => {
    const now = tabs.indexOf(document.activeElement);
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) {
      return;
    }
    event.preventDefault();
    const tab = tabs.at(next % tabs.length);
    choose(tab);
    tab.focus();
  });
}
