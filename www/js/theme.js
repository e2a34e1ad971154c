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

  set(localStorage.getItem(KEY));
  addEventListener("DOMContentLoaded", () => {
    const choice = document.getElementById("theme");
    choice.value = root.dataset.theme ?? "";
    choice.addEventListener("change", () => {
      set(choice.value);
      localStorage.setItem(KEY, choice.value);
    });
  });
}
