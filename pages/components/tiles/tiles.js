const PAUSE_MS = 150; // keys that follow each other faster are one choice: each choice is work for the server

export default function ({ data, parentElement, setStateValue }) {
  const wall = parentElement.querySelector(".wall");
  const { sprite, columns, rows, names, tags, label } = data;
  const select = (index, focus) => {
    [...wall.children].forEach((tile, i) => {
      tile.setAttribute("aria-selected", i === index);
      tile.tabIndex = i === index ? 0 : -1;
    });
    if (focus) wall.children[index]?.focus();
  };
  const choose = (index, after) => {
    clearTimeout(wall.pending);
    wall.pending = setTimeout(() => wall.isConnected && setStateValue("selected", index), after);
  };
  wall.setAttribute("aria-label", label);
  const content = JSON.stringify([sprite, names, tags]);
  if (wall.content === content) return; // a choice came back: what is chosen here by now may be newer
  wall.content = content;
  const focused = wall.contains(wall.getRootNode().activeElement);
  wall.replaceChildren(...names.map((name, i) => {
    const tile = document.createElement("button");
    tile.className = "tile";
    tile.setAttribute("role", "option");
    tile.setAttribute("aria-label", tags[i] ? `${name}: ${tags[i]}` : name);
    const picture = document.createElement("div");
    picture.className = "picture";
    const at = (cell, cells) => (cells > 1 ? (cell * 100) / (cells - 1) : 0) + "%";
    picture.style.backgroundImage = `url(${sprite})`;
    picture.style.backgroundSize = `${columns * 100}% ${rows * 100}%`;
    picture.style.backgroundPosition = `${at(i % columns, columns)} ${at(Math.floor(i / columns), rows)}`;
    tile.append(picture);
    if (tags[i]) {
      const tag = document.createElement("div");
      tag.className = "tag";
      tag.textContent = tags[i];
      tile.append(tag);
    }
    tile.onclick = () => { select(i); choose(i, 0); };
    return tile;
  }));
  select(data.selected, focused);
  wall.onkeydown = (event) => {
    const across = getComputedStyle(wall).gridTemplateColumns.split(" ").length;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
    const now = [...wall.children].findIndex((tile) => tile.tabIndex === 0);
    let next = event.key in steps ? now + steps[event.key] : now;
    if (event.key === "Home") next = 0;
    if (event.key === "End") next = names.length - 1;
    if (next === now || next < 0 || next >= names.length) return;
    event.preventDefault();
    select(next, true);
    choose(next, PAUSE_MS);
  };
}
