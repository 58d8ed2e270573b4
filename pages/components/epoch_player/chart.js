// Loss curves as SVG: axes, a faint line for each hundred iterations, a strong one for the epochs' means.
const SVG = "http://www.w3.org/2000/svg";
const PLOT = { left: 42, right: 8, top: 8, bottom: 22, height: 168 };
const TONES = 6;

function svg(name, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

function el(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** About `count` round numbers from low to high. */
function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((unit) => unit * power).find((candidate) => candidate >= rough * 0.999);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(k * step);
  return found;
}

function short(value) {
  const size = Math.abs(value);
  if (size >= 1000 || (size > 0 && size < 0.001)) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

/** The range that shows the curves: a single stray point is cut off rather than flatten all else. */
function range(columns) {
  const values = columns.flat().sort((a, b) => a - b);
  if (!values.length) return [0, 1];
  let low = values[Math.floor(0.01 * (values.length - 1))];
  let high = values[Math.ceil(0.99 * (values.length - 1))];
  if (high - low < 1e-9) [low, high] = [low - 0.5, high + 0.5];
  const margin = 0.06 * (high - low);
  return [low - margin, high + margin];
}

class Chart {
  constructor() {
    this.element = svg("svg", { class: "curves", height: PLOT.height, role: "img" });
    this.hidden = new Set();
    this.width = 0;
  }

  update(spec, unit) {
    [this.spec, this.unit] = [spec, unit];
    this.element.setAttribute("aria-label", `${spec.title}: loss curves ${spec.terms.join(", ")}; their values are below`);
    this.build();
  }

  toggle(term) {
    if (!this.hidden.delete(term)) this.hidden.add(term);
    this.build();
  }

  resize(width) {
    if (Math.abs(width - this.width) < 1) return;
    this.width = width;
    this.build();
  }

  /** Where the middle of an epoch lies. */
  x(epoch) {
    return PLOT.left + ((epoch - 0.5) / this.spec.epochs) * (this.width - PLOT.left - PLOT.right);
  }

  y(value) {
    const [low, high] = this.range;
    const inside = PLOT.height - PLOT.top - PLOT.bottom;
    return PLOT.top + (1 - (value - low) / (high - low)) * inside;
  }

  build() {
    const { spec, width } = this;
    if (!width || !spec) return;
    const shown = spec.terms.map((_, k) => k).filter((k) => !this.hidden.has(k));
    this.range = range(shown.map((k) => [...spec.means[k], ...spec.trace[k]]));
    const bottom = PLOT.height - PLOT.bottom;
    const right = width - PLOT.right;
    const axes = svg("g", { class: "axes" });
    for (const value of ticks(...this.range, 4)) {
      const y = this.y(value);
      if (y < PLOT.top - 1 || y > bottom + 1) continue;
      axes.append(svg("line", { x1: PLOT.left, x2: right, y1: y, y2: y }));
      axes.append(svg("text", { x: PLOT.left - 6, y: y + 3.5, "text-anchor": "end" }, short(value)));
    }
    const step = Math.max(1, Math.ceil(ticks(0, spec.epochs, Math.max(2, Math.floor(width / 70)))[1] ?? 1));
    for (let epoch = step; epoch <= spec.epochs; epoch += step) {
      axes.append(svg("text", { x: this.x(epoch), y: bottom + 15, "text-anchor": "middle" }, String(epoch * spec.scale)));
    }
    axes.append(svg("text", { x: PLOT.left - 6, y: bottom + 15, "text-anchor": "end" }, this.unit));
    const clip = `clip-${spec.key}`;
    const window_ = svg("clipPath", { id: clip });
    window_.append(svg("rect", { x: PLOT.left, y: PLOT.top, width: right - PLOT.left, height: bottom - PLOT.top }));
    const lines = svg("g", { "clip-path": `url(#${clip})` });
    for (const k of shown) {
      const path = (xs, ys) => ys.map((y, i) => `${i ? "L" : "M"}${xs[i].toFixed(1)},${this.y(y).toFixed(1)}`).join("");
      const at = spec.at.map((epochs) => this.x(epochs + 0.5));
      lines.append(svg("path", { class: `faint t${k % TONES}`, d: path(at, spec.trace[k]) }));
      const middles = spec.means[k].map((_, i) => this.x(i + 1));
      lines.append(svg("path", { class: `mean t${k % TONES} ${dash(spec.terms[k])}`, d: path(middles, spec.means[k]) }));
    }
    this.cursor = svg("line", { class: "cursor", y1: PLOT.top, y2: bottom });
    this.dots = shown.map((k) => [k, svg("circle", { class: `dot t${k % TONES}`, r: 3 })]);
    this.element.setAttribute("viewBox", `0 0 ${width} ${PLOT.height}`);
    this.element.replaceChildren(window_, axes, lines, this.cursor, ...this.dots.map(([, dot]) => dot));
    if (this.epoch) this.mark(this.epoch);
  }

  mark(epoch) {
    this.epoch = epoch;
    if (!this.cursor) return;
    const x = this.x(epoch);
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
    this.element.dataset.epoch = epoch;
    for (const [k, dot] of this.dots) {
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", Math.min(Math.max(this.y(this.spec.means[k][epoch - 1]), PLOT.top), PLOT.height - PLOT.bottom));
    }
  }
}

/** D's terms are drawn through, G's dashed, measures dotted: told apart without colours too. */
function dash(term) {
  return term.startsWith("D/") ? "through" : term.includes("/") ? "dashed" : "dotted";
}
