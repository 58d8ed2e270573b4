export default function ({ data, parentElement, setTriggerValue }) {
  const row = parentElement.querySelector(".row");
  const { colours, chosen, label } = data;
  const content = colours.join();
  row.setAttribute("aria-label", label);
  const send = (index) => setTriggerValue("picked", colours[index]);
  const mark = (index) => [...row.children].forEach((swatch, i) => {
    swatch.setAttribute("aria-checked", i === index);
    swatch.tabIndex = i === Math.max(0, index) ? 0 : -1;
  });
  if (row.content !== content) {
    row.content = content;
    row.replaceChildren(...colours.map((colour) => {
      const swatch = document.createElement("button");
      swatch.className = "swatch";
      swatch.setAttribute("role", "radio");
      swatch.setAttribute("aria-label", colour);
      swatch.title = colour;
      swatch.style.setProperty("--tone", colour);
      return swatch;
    }));
  }
  mark(colours.indexOf(chosen));
  [...row.children].forEach((swatch, i) => { swatch.onclick = () => { mark(i); send(i); }; });
  row.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const now = [...row.children].findIndex((swatch) => swatch.tabIndex === 0);
    const next = (now + step + colours.length) % colours.length;
    mark(next);
    row.children[next].focus();
    send(next);
  };
}
