// Light or dark: set before anything is painted, so this is no module.
{
  const KEY = "theme";
  const root = document.documentElement;
  const set = (theme) => {
    if (theme) {
      root.dataset.theme = theme;
    } else {
      delete root.dataset.theme;
    }
  };

  // A browser may refuse to keep anything.
  const kept = (use) => {
    try {
      return use(localStorage);
    } catch {
      return null;
    }
  };

  set(kept((storage) => storage.getItem(KEY)));
  addEventListener("DOMContentLoaded", () => {
    const choice = document.getElementById("theme");
    choice.value = root.dataset.theme ?? "";
    choice.addEventListener("change", () => {
      set(choice.value);
      kept((storage) => storage.setItem(KEY, choice.value));
    });
  });
}
