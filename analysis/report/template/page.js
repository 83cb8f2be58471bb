const button = document.getElementById("code"), folds = [...document.querySelectorAll("details.code")];
if (folds.length) {
  button.hidden = false;
  button.onclick = () => {
    const open = button.getAttribute("aria-pressed") !== "true";
    folds.forEach(fold => { fold.open = open; });
    button.setAttribute("aria-pressed", open);
    button.textContent = open ? "Hide all code" : "Show all code";
  };
}
