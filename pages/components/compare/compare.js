export default function ({ data, parentElement }) {
  const find = (part) => parentElement.querySelector(part);
  const frame = find(".frame"), input = find("input");
  frame.style.setProperty("--ratio", data.ratio);
  frame.classList.toggle("pixels", data.pixels);
  for (const side of ["left", "right"]) {
    const { picture, title, tone, alt } = data[side];
    const image = find("img." + side), tag = find(".of-" + side);
    if (image.src !== picture) image.src = picture;
    image.alt = alt;
    tag.querySelector("b").textContent = title;
    tag.querySelector("i").hidden = !tone;
    tag.style.setProperty("--tone", tone || "none");
  }
  const paint = () => {
    const at = input.valueAsNumber;
    frame.style.setProperty("--at", at + "%");
    input.setAttribute("aria-valuetext", `${data.left.title}: ${at} %, ${data.right.title}: ${100 - at} %`);
    find(".of-left").style.opacity = at < 12 ? 0 : 1;
    find(".of-right").style.opacity = at > 88 ? 0 : 1;
  };
  input.setAttribute("aria-label", `Divider between ${data.left.title} and ${data.right.title}`);
  input.oninput = paint;
  paint();
}
