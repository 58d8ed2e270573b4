// The view. One server computation brings the picture, the direction and every probability; from then on the browser
// draws alone, in the handler of the input itself, and tells the server only where the slider came to rest.

const SIDE = 28;
const REST_MS = 150; // keys repeat: the server hears of the last one
const PLAY_MS = 7000; // from one end to the other
const VIEWS = new WeakMap();

const PLAY = "▶ Play";
const PAUSE = "❚❚ Pause";

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** Three decimals, or four where the fourth is not 0: `pages.attacking.wording.number`. */
function number(epsilon) {
  return epsilon.toFixed(4).replace(/0$/, "");
}

/** Where a value lies between the ascending places of the slider, from 0 to 1; places are equally far apart. */
function across(places, value) {
  const next = places.findIndex((place) => place >= value - 1e-9);
  if (next < 0) return NaN;
  const before = Math.max(0, next - 1);
  const part = next === 0 ? 0 : (value - places[before]) / (places[next] - places[before]);
  return (before + part) / (places.length - 1);
}

function percent(value, digits = 1) {
  return `${(100 * value).toFixed(digits)}%`;
}

function squareCanvas(className, label) {
  const canvas = element("canvas", className);
  canvas.width = canvas.height = SIDE;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  return canvas;
}

/** One network: its picture, the change, its ten bars. */
class Panel {
  constructor(network, classes, image) {
    this.title = network.title;
    this.classes = classes;
    this.image = image;
    this.direction = network.direction && unpack(network.direction, Int8Array);
    this.frames = network.frames && unpack(network.frames, Uint8Array);
    this.probabilities = unpack(network.probabilities, Float32Array);
    this.first = this.topOf(0);
    this.right = network.truth ?? this.first;
    this.top = -1;

    this.root = element("section", "panel");
    this.root.setAttribute("aria-label", network.title);
    this.root.style.setProperty("--tone", `var(--tone-${network.tone})`);
    this.root.classList.toggle("robust", network.robust);
    const head = this.root.appendChild(element("header"));
    head.append(element("i", "dot"), element("span", "title", network.title));
    const verdict = head.appendChild(element("p", "verdict"));
    this.says = verdict.appendChild(element("b"));
    this.confidence = verdict.appendChild(element("span"));
    if (network.tip) head.append(element("p", "tip", network.tip));

    const body = this.root.appendChild(element("div", "body"));
    const parts = body.appendChild(element("div", "parts"));
    const original = squareCanvas("original", "the original picture");
    this.noise = squareCanvas("noise", "");
    this.picture = squareCanvas("picture", "");
    for (const [canvas, words] of [[original, "original"], [this.noise, "+ the change, magnified"]]) {
      const figure = parts.appendChild(element("figure"));
      figure.append(canvas, element("figcaption", "", words));
    }
    const key = parts.lastChild.lastChild.appendChild(element("span", "key"));
    for (const way of ["lighter", "darker"]) {
      const entry = key.appendChild(element("span"));
      entry.append(element("i", way), way);
    }
    const figure = body.appendChild(element("figure", "result"));
    figure.append(this.picture, element("figcaption", "", network.caption));
    const bars = body.appendChild(element("ol", "bars"));
    this.bars = classes.map((name) => {
      const row = bars.appendChild(element("li"));
      const fill = row.appendChild(element("i"));
      row.append(element("span", "name", name));
      return { row, fill, value: row.appendChild(element("span", "value")) };
    });

    this.pictureData = new ImageData(SIDE, SIDE);
    this.noiseData = new ImageData(SIDE, SIDE);
    for (let at = 0; at < image.length; at += 1) {
      const byte = 4 * at;
      this.pictureData.data.fill(image[at], byte, byte + 3);
      this.pictureData.data[byte + 3] = 255;
    }
    original.getContext("2d").putImageData(this.pictureData, 0, 0);
  }

  topOf(index) {
    const row = this.probabilities.subarray(10 * index, 10 * index + 10);
    return row.indexOf(Math.max(...row));
  }

  /** All of this network at one epsilon, in one go. */
  paint(index, tones, most) {
    const { image, direction, frames } = this;
    const shown = this.pictureData.data;
    const noise = this.noiseData.data;
    for (let at = 0; at < image.length; at += 1) {
      const tone = image[at];
      const sign = frames ? 0 : direction[at];
      const byte = frames ? frames[index * image.length + at] : sign > 0 ? tones.up[tone] : sign < 0 ? tones.down[tone] : tone;
      const change = frames ? (byte - tone) / 255 : sign > 0 ? tones.rise[tone] : sign < 0 ? tones.fall[tone] : 0;
      const place = 4 * at;
      shown[place] = shown[place + 1] = shown[place + 2] = byte;
      noise[place] = noise[place + 1] = noise[place + 2] = change > 0 ? 255 : 0;
      noise[place + 3] = 255 * Math.sqrt(Math.min(1, Math.abs(change) / most));
    }
    this.picture.getContext("2d").putImageData(this.pictureData, 0, 0);
    this.noise.getContext("2d").putImageData(this.noiseData, 0, 0);

    const top = this.topOf(index);
    const start = 10 * index;
    for (let label = 0; label < 10; label += 1) {
      const value = this.probabilities[start + label];
      const bar = this.bars[label];
      bar.fill.style.transform = `scaleX(${value})`;
      const text = percent(value);
      if (bar.value.textContent !== text) bar.value.textContent = text;
    }
    this.confidence.textContent = percent(this.probabilities[start + top]);
    if (top !== this.top) {
      this.top = top;
      this.says.textContent = this.classes[top];
      this.root.classList.toggle("mistaken", top !== this.right);
      this.root.classList.toggle("moved", top !== this.first);
      this.bars.forEach((bar, label) => {
        bar.row.classList.toggle("top", label === top);
        bar.row.classList.toggle("first", label === this.first);
      });
    }
  }

  /** In words, for those who do not see the canvas. */
  describe(index) {
    const top = this.topOf(index);
    const wrong = top === this.right ? "" : ", wrong";
    const said = `${this.classes[top]} ${percent(this.probabilities[10 * index + top])}${wrong}`;
    this.picture.setAttribute("aria-label", `the changed picture, which the ${this.title.toLowerCase()} takes for: ${said}`);
    this.noise.setAttribute("aria-label", "the change alone, magnified: white is lighter, black is darker");
    return `${this.title}: ${said}`;
  }
}

/** A measured curve: its line, and the marker that rides on it. */
class Curve {
  constructor(curve, places, svg, marks, legend) {
    this.epsilons = curve.epsilons;
    this.accuracy = curve.accuracy;
    this.places = places;
    const measured = curve.epsilons.map((epsilon, at) => [across(places, epsilon), curve.accuracy[at]]);
    const points = measured.filter(([place]) => !Number.isNaN(place));
    // Where the slider's places grow wider apart a straight line between two points bends: it is drawn place by place.
    const drawn = places.map((epsilon, at) => [at / (places.length - 1), this.at(epsilon)[0]]);
    const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    line.setAttribute("points", drawn
      .filter(([, value]) => !Number.isNaN(value))
      .map(([place, value]) => `${1000 * place},${100 - 100 * value}`).join(" "));
    line.style.stroke = `var(--tone-${curve.tone})`;
    line.classList.toggle("robust", curve.robust);
    svg.append(line);
    const mark = (kind) => marks.appendChild(element("i", curve.robust ? `${kind} robust` : kind));
    for (const [place, value] of points) this.place(mark("measurement"), curve, place, value);
    this.marker = mark("marker");
    const entry = legend.appendChild(element("span", "entry"));
    const dot = entry.appendChild(element("i", "dot"));
    dot.style.setProperty("--tone", `var(--tone-${curve.tone})`);
    dot.classList.toggle("robust", curve.robust);
    entry.append(element("span", "", curve.title));
    this.value = entry.appendChild(element("b"));
    this.curve = curve;
  }

  place(mark, curve, across, value) {
    mark.style.setProperty("--tone", `var(--tone-${curve.tone})`);
    mark.style.left = `${100 * across}%`;
    mark.style.top = `${100 - 100 * value}%`;
  }

  /** Between two measured points, the straight line; beyond the last, nothing. */
  at(epsilon) {
    const next = this.epsilons.findIndex((value) => value >= epsilon - 1e-9);
    if (next < 0) return [NaN, false];
    if (Math.abs(this.epsilons[next] - epsilon) < 1e-9) return [this.accuracy[next], true];
    const [a, b] = [this.epsilons[next - 1], this.epsilons[next]];
    const part = (epsilon - a) / (b - a);
    return [this.accuracy[next - 1] * (1 - part) + this.accuracy[next] * part, false];
  }

  paint(epsilon) {
    const [value, measured] = this.at(epsilon);
    this.marker.hidden = Number.isNaN(value);
    if (this.marker.hidden) {
      this.value.textContent = "not measured";
      return;
    }
    this.place(this.marker, this.curve, across(this.places, epsilon), value);
    this.value.textContent = measured ? percent(value, 2) : `≈ ${percent(value)}`;
  }
}

class View {
  constructor(root) {
    this.root = root.querySelector(".sweep");
    this.input = this.find("input");
    this.input.oninput = () => {
      this.stop();
      this.paint();
    };
    this.input.onchange = () => this.rest();
    for (const pad of [this.find(".lanes"), this.find(".plot")]) this.dragOn(pad);
    this.playButton = this.find(".play");
    this.playButton.textContent = PLAY;
    this.playButton.onclick = () => (this.playing ? this.stop() : this.play());
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  update(data, send) {
    this.send = send;
    this.takeColors();
    if (data.id !== this.id) {
      this.stop();
      this.build(data);
      this.goTo(data.epsilon);
    } else if (data.revision !== this.revision) {
      this.stop();
      this.goTo(data.epsilon);
    } else {
      this.paint(); // the theme may have changed
    }
    this.revision = data.revision;
  }

  /** The theme's colours: `--tone-N` for the networks. */
  takeColors() {
    const style = getComputedStyle(this.root);
    const tones = style.getPropertyValue("--st-chart-categorical-colors").split(",");
    tones.forEach((tone, at) => this.root.style.setProperty(`--tone-${at}`, tone));
  }

  build(data) {
    this.id = data.id;
    this.epsilons = data.epsilons;
    this.most = data.epsilons.at(-1);
    this.input.max = data.epsilons.length - 1;
    const image = unpack(data.image, Uint8Array);
    this.panels = data.networks.map((network) => new Panel(network, data.classes, image));
    this.find(".panels").replaceChildren(...this.panels.map((panel) => panel.root));
    this.root.dataset.count = String(this.panels.length);
    this.find(".names").replaceChildren(...data.networks.map((network) => element("span", "", network.short)));
    this.find(".lanes").replaceChildren(...data.networks.map((network) => this.lane(network, data)));
    this.buildRulers();
    this.buildCurves(data);
  }

  /** What a network answers along the whole slider: the tipping points are where one block ends. A block is seen however
   * short it is, the one at the last place, which has no length, too. */
  lane(network, data) {
    const lane = element("div", "lane");
    const last = data.epsilons.length - 1;
    const right = network.truth ?? network.segments[0][1];
    network.segments.forEach(([start, label], at) => {
      const end = at + 1 < network.segments.length ? network.segments[at + 1][0] : last;
      const share = (end - start) / last;
      const block = lane.appendChild(element("span", label === right ? "own" : "wrong"));
      block.style.left = `min(${(100 * start) / last}%, 100% - 8px)`;
      block.style.right = `${100 - (100 * end) / last}%`;
      block.classList.toggle("short", share <= 0.04);
      if (share > 0.04) block.textContent = data.classes[label];
    });
    return lane;
  }

  buildRulers() {
    const rulers = [
      ["0 to 1", [0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2], 1],
      ["n / 255", [0, 2, 4, 6, 8, 10, 12, 20, 30, 50], 255],
      ["−1 to 1", [0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4], 2],
    ];
    this.find(".rulers").replaceChildren(
      ...rulers.map(([, ticks, scale]) => {
        const ruler = element("div", "ruler");
        for (const value of ticks) {
          const tick = ruler.appendChild(element("span", "", String(value)));
          tick.style.left = `${100 * across(this.epsilons, value / scale)}%`;
        }
        return ruler;
      }),
    );
    const names = this.find(".names");
    names.append(element("span", "gap"));
    for (const [name] of rulers) names.append(element("span", "scale", name));
  }

  buildCurves(data) {
    const figure = this.find(".measured");
    figure.hidden = data.curves.length === 0;
    const [svg, marks, legend] = [this.find("svg"), this.find(".marks"), this.find(".measured figcaption")];
    svg.replaceChildren();
    marks.replaceChildren();
    legend.replaceChildren(element("span", "", data.curveWords));
    this.curves = data.curves.map((curve) => new Curve(curve, this.epsilons, svg, marks, legend));
    if (data.paper) {
      const point = marks.appendChild(element("span", "paper"));
      point.append(element("span", "", data.paper.words));
      point.style.left = `${100 * across(this.epsilons, data.paper.epsilon)}%`;
      point.style.top = `${100 - 100 * data.paper.accuracy}%`;
    }
    this.find(".plot").setAttribute("aria-label", data.curveWords);
  }

  goTo(epsilon) {
    const distances = this.epsilons.map((value) => Math.abs(value - epsilon));
    this.input.value = String(distances.indexOf(Math.min(...distances)));
    this.paint();
    this.describe();
  }

  /** Everything that depends on epsilon, at once. */
  paint() {
    const index = this.input.valueAsNumber;
    const epsilon = this.epsilons[index];
    this.root.style.setProperty("--at", `${(100 * index) / (this.epsilons.length - 1)}%`);
    this.find(".epsilon b").textContent = number(epsilon);
    this.find(".bytes").textContent = (255 * epsilon).toFixed(1);
    this.find(".signed").textContent = number(2 * epsilon);
    const tones = movedTones(epsilon);
    for (const panel of this.panels) panel.paint(index, tones, this.most);
    for (const curve of this.curves) curve.paint(epsilon);
  }

  describe() {
    const index = this.input.valueAsNumber;
    const said = this.panels.map((panel) => panel.describe(index));
    this.input.setAttribute("aria-valuetext", `${number(this.epsilons[index])}. ${said.join(". ")}`);
  }

  /** The slider came to rest: say so, in words here and once to the server. */
  rest() {
    this.describe();
    clearTimeout(this.waiting);
    const epsilon = this.epsilons[this.input.valueAsNumber];
    this.waiting = setTimeout(() => this.send("epsilon", epsilon), REST_MS);
  }

  /** The lanes and the curves are a larger slider. */
  dragOn(pad) {
    const follow = (event) => {
      const box = pad.getBoundingClientRect();
      const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      this.input.value = String(Math.round(part * (this.epsilons.length - 1)));
      this.paint();
    };
    pad.onpointerdown = (event) => {
      if (event.button !== 0) return;
      pad.setPointerCapture(event.pointerId);
      this.stop();
      follow(event);
    };
    pad.onpointermove = (event) => {
      if (pad.hasPointerCapture(event.pointerId)) follow(event);
    };
    pad.onpointerup = pad.onpointercancel = (event) => {
      if (pad.hasPointerCapture(event.pointerId)) this.rest();
    };
  }

  play() {
    const last = this.epsilons.length - 1;
    const from = this.input.valueAsNumber === last ? 0 : this.input.valueAsNumber;
    const begun = performance.now() - (from / last) * PLAY_MS;
    this.playButton.textContent = PAUSE;
    const step = (now) => {
      const index = Math.min(last, Math.max(0, Math.floor(((now - begun) / PLAY_MS) * last)));
      if (index !== this.input.valueAsNumber) {
        this.input.value = String(index);
        this.paint();
      }
      if (index < last) this.playing = requestAnimationFrame(step);
      else this.stop();
    };
    this.playing = requestAnimationFrame(step);
  }

  stop() {
    if (!this.playing) return;
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.playButton.textContent = PLAY;
    this.rest();
  }

  close() {
    cancelAnimationFrame(this.playing);
    clearTimeout(this.waiting);
  }
}

export default function ({ data, parentElement, setStateValue }) {
  let view = VIEWS.get(parentElement);
  if (!view) {
    view = new View(parentElement);
    VIEWS.set(parentElement, view);
  }
  view.update(data, setStateValue);
  return () => view.close();
}
