(() => {
  const words = document.body.dataset;
  document.documentElement.classList.add("live");

  const put = (shown, text, html) => {
    let taken = false;
    const give = (event) => {
      event.clipboardData.setData("text/plain", text);
      if (html) event.clipboardData.setData("text/html", html);
      event.preventDefault();
      taken = true;
    };
    getSelection().selectAllChildren(shown);
    document.addEventListener("copy", give);
    document.execCommand("copy");
    document.removeEventListener("copy", give);
    if (taken) getSelection().removeAllRanges();
    return taken;
  };

  const source = document.getElementById("letters");
  const lines = source ? JSON.parse(source.textContent) : [];
  const letter = (places) => places.split(" ").flatMap((span) => {
    const [first, last] = span.split("-").map(Number);
    return lines.slice(first, (last ?? first) + 1);
  }).join("\n");

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const draft = button.closest(".draft");
    const shown = draft.querySelector(button.dataset.copy);
    const html = button.dataset.letter ? letter(button.dataset.letter) : "";
    const before = button.dataset.words ??= button.textContent;
    button.textContent = put(shown, shown.textContent, html) ? words.copied : words.marked;
    setTimeout(() => { button.textContent = before; }, 2000);
  });

  for (const place of document.querySelectorAll("[data-made]")) {
    const minutes = Math.max(0, Math.round((Date.now() - Date.parse(place.dataset.made)) / 60000));
    const [amount, unit] = minutes < 120 ? [minutes, "minute"] : minutes < 2880 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1440), "day"];
    const time = new Intl.NumberFormat(`${place.lang || document.documentElement.lang}-u-nu-latn`, { style: "unit", unit, unitDisplay: "long" }).format(amount);
    place.textContent = place.dataset.words.replace("{time}", time);
    place.classList.toggle("late", minutes > 120);
  }
})();
