// The player: one to twenty runs locked to one epoch. Everything that depends on the epoch is drawn by Player.draw, in
// one animation frame; the server hears where the player came to rest, never while it plays.
const SIDE = 280, TILE = 28, GRID = 10;
const FRAME_MS = 200; // as in the animation files
const REST_MS = 350;
const SPEEDS = [0.5, 1, 2, 4];
const COLOURS = ["#4e79a7", "#f28e2b", "#e15759", "#76b7b2", "#59a14f", "#edc948", "#b07aa1", "#ff9da7", "#9c755f", "#a5a09c"];
const GRAYS = Uint32Array.from({ length: 256 }, (_, tone) => (0xff000000 | (tone << 16) | (tone << 8) | tone) >>> 0);

const capital = (text) => text[0].toUpperCase() + text.slice(1);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** A sheet of frames to gray tones, frame after frame. */
async function unpack(bytes, count, columns) {
  const sheet = await createImageBitmap(new Blob([bytes]));
  const row = document.createElement("canvas");
  Object.assign(row, { width: columns * SIDE, height: SIDE });
  const context = row.getContext("2d", { willReadFrequently: true });
  const tones = new Uint8Array(count * SIDE * SIDE);
  for (let first = 0; first < count; first += columns) {
    context.drawImage(sheet, 0, -(first / columns) * SIDE);
    const pixels = context.getImageData(0, 0, row.width, SIDE).data;
    for (let k = 0; k < Math.min(columns, count - first); k++) {
      const start = (first + k) * SIDE * SIDE;
      for (let y = 0; y < SIDE; y++) {
        const from = y * row.width + k * SIDE;
        for (let x = 0; x < SIDE; x++) tones[start + y * SIDE + x] = pixels[4 * (from + x)];
      }
    }
  }
  sheet.close();
  return tones;
}

function put(canvas, tones, frame, tile) {
  const [side, top, left] = tile === undefined ? [SIDE, 0, 0] : [TILE, Math.floor(tile / GRID) * TILE, (tile % GRID) * TILE];
  const image = (canvas.image ??= canvas.getContext("2d").createImageData(side, side));
  const words = new Uint32Array(image.data.buffer);
  for (let y = 0; y < side; y++) {
    const from = frame * SIDE * SIDE + (top + y) * SIDE + left;
    for (let x = 0; x < side; x++) words[y * side + x] = GRAYS[tones[from + x]];
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function button(label, words, action) {
  return el("button", { type: "button", ariaLabel: words, title: words, onclick: action, innerText: label });
}

class Reel {
  constructor(player) {
    this.player = player;
    this.picture = el("canvas", { className: "picture", width: SIDE, height: SIDE, tabIndex: 0 });
    this.picture.setAttribute("role", "img");
    this.mark = el("div", { className: "mark", hidden: true });
    this.ending = el("div", { className: "ending", hidden: true });
    this.screen = el("div", { className: "screen" }, this.picture, this.mark, this.ending);
    this.strip = el("canvas", { className: "strip" });
    this.strip.setAttribute("role", "img");
    this.needle = el("div", { className: "needle" });
    this.mix = el("div", { className: "mix" }, this.strip, this.needle);
    this.mixWords = el("div", { className: "mix-words" });
    this.chart = new Chart();
    this.tip = el("div", { className: "tip", hidden: true });
    this.plot = el("div", { className: "plot" }, this.chart.element, this.tip);
    this.legend = el("div", { className: "legend" });
    this.title = el("h4");
    this.note = el("span", { className: "note" });
    this.save = button("PNG", "Download this picture", () => this.download());
    const head = el("header", {}, this.title, this.note, this.save);
    const figures = el("div", { className: "figures" }, this.mix, this.mixWords, this.plot, this.legend);
    this.element = el("article", { className: "reel" }, head, this.screen, figures);
    this.tile = 0;
    this.listen();
    this.observer = new ResizeObserver(([entry]) => this.chart.resize(entry.contentRect.width));
    this.observer.observe(this.plot);
  }

  listen() {
    const { player, picture } = this;
    picture.onclick = (event) => {
      const box = picture.getBoundingClientRect();
      const place = (offset, length) => clamp(Math.floor((offset / length) * GRID), 0, GRID - 1);
      this.open(place(event.clientY - box.top, box.height) * GRID + place(event.clientX - box.left, box.width));
    };
    picture.onfocus = () => this.choose(this.tile);
    picture.onblur = () => { this.mark.hidden = player.life.reel !== this; };
    picture.onkeydown = (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -GRID, ArrowDown: GRID }[event.key];
      const next = this.tile + step;
      if (step) {
        const sameRow = Math.abs(step) === GRID || Math.floor(next / GRID) === Math.floor(this.tile / GRID);
        if (next >= 0 && next < GRID * GRID && sameRow) this.choose(next);
      } else if (event.key === "Enter" || event.key === " ") this.open(this.tile);
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    for (const surface of [this.chart.element, this.mix]) {
      const epochAt = (event) => {
        const box = surface.getBoundingClientRect();
        const margin = surface === this.mix ? 0 : PLOT.left;
        const width = box.width - (surface === this.mix ? 0 : PLOT.left + PLOT.right);
        return clamp(Math.floor(((event.clientX - box.left - margin) / width) * this.spec.epochs) + 1, 1, this.reached);
      };
      const jump = (event) => {
        player.pause();
        player.go(epochAt(event));
      };
      let start, dragging; // a finger may be about to scroll: it jumps with a tap, and drags only sideways
      surface.addEventListener("pointerdown", (event) => {
        surface.setPointerCapture(event.pointerId);
        [start, dragging] = [event, event.pointerType !== "touch"];
        if (dragging) jump(event);
      });
      surface.addEventListener("lostpointercapture", () => { start = undefined; });
      surface.addEventListener("click", jump);
      surface.addEventListener("pointermove", (event) => {
        if (start) {
          dragging ||= Math.abs(event.clientX - start.clientX) > Math.abs(event.clientY - start.clientY);
          if (dragging) jump(event);
        }
        this.explain(surface, epochAt(event), event);
      });
      surface.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    }
  }

  /** How many epochs the run has behind it. */
  get reached() {
    return this.spec.means[0].length;
  }

  update(spec) {
    const content = JSON.stringify(spec);
    if (content === this.content) return;
    this.content = content;
    this.spec = spec;
    this.title.textContent = spec.title;
    this.note.textContent = spec.note;
    this.element.dataset.key = spec.key;
    this.chart.update(spec, this.player.unit);
    this.legend.replaceChildren(...spec.terms.map((term, k) => {
      const value = el("b");
      const entry = el("button", { type: "button", className: `term t${k % TONES}`, title: "Show or hide this curve" },
        el("i", { className: dash(term) }), `${term} `, value);
      entry.value_ = value;
      entry.setAttribute("aria-pressed", !this.chart.hidden.has(k));
      entry.onclick = () => {
        this.chart.toggle(k);
        entry.setAttribute("aria-pressed", !this.chart.hidden.has(k));
      };
      return entry;
    }));
    this.paintMix();
    if (spec.sheet !== this.sheet) this.fetch();
  }

  paintMix() {
    const { mix, epochs } = this.spec;
    this.mix.hidden = this.mixWords.hidden = !mix;
    if (!mix) return;
    Object.assign(this.strip, { width: epochs, height: 100 });
    this.strip.setAttribute("aria-label", `${this.spec.title}: share of each class, ${this.player.unit} by ${this.player.unit}`);
    const context = this.strip.getContext("2d");
    mix.forEach((counts, epoch) => {
      const total = counts.reduce((a, b) => a + b, 0) || 1;
      let top = 0;
      counts.forEach((n, label) => {
        context.fillStyle = COLOURS[label];
        context.fillRect(epoch, top, 1, (100 * n) / total);
        top += (100 * n) / total;
      });
    });
  }

  async fetch() {
    const { sheet, frames, columns } = this.spec;
    const bytes = globalThis.einstyleSheets?.get(sheet);
    if (!sheet || !bytes) return; // it comes: the player hears of it
    this.sheet = sheet;
    try {
      const tones = await unpack(bytes, frames, columns);
      if (this.sheet !== sheet) return;
      [this.tones, this.frames] = [tones, frames];
    } catch {
      this.note.textContent = "This browser cannot open the pictures of this run.";
    }
    this.player.draw();
    if (this.player.life.reel === this) this.player.life.build();
  }

  draw(epoch) {
    const { spec } = this;
    const now = clamp(epoch, 1, this.reached);
    const frame = Math.min(now, this.frames ?? 0) - 1;
    if (frame >= 0) put(this.picture, this.tones, frame);
    this.screen.classList.toggle("waiting", frame < 0);
    const stale = frame >= 0 && frame < epoch - 1;
    const last = `${this.player.unit} ${(frame < 0 ? now : frame + 1) * spec.scale}`;
    this.element.classList.toggle("stale", stale);
    this.ending.hidden = !stale;
    this.ending.textContent = stale ? `${this.frames < this.reached ? "The pictures end" : "This run ends"} at ${last}` : "";
    this.picture.dataset.epoch = frame + 1;
    this.picture.setAttribute("aria-label",
      `${spec.title}, ${last}: a hundred pictures in ten rows; arrow keys choose one, Enter opens its life`);
    this.chart.mark(now);
    this.needle.style.left = `${((now - 0.5) / spec.epochs) * 100}%`;
    this.needle.dataset.epoch = now;
    if (spec.mix) this.mixWords.textContent = this.mixed(now);
    [...this.legend.children].forEach((entry, k) => { entry.value_.textContent = short(spec.means[k][now - 1]); });
  }

  /** The three most frequent classes of an epoch, in words. */
  mixed(epoch) {
    const counts = this.spec.mix[epoch - 1];
    const total = counts.reduce((a, b) => a + b, 0) || 1;
    const top = counts.map((n, label) => [n / total, label]).sort((a, b) => b[0] - a[0]).slice(0, 3).filter(([n]) => n >= 0.005);
    return top.map(([n, label]) => `${this.player.data.classes[label]} ${Math.round(n * 100)} %`).join(", ");
  }

  explain(surface, epoch, event) {
    const { spec, player } = this;
    const values = surface === this.mix
      ? [this.mixed(epoch)]
      : spec.terms.map((term, k) => (this.chart.hidden.has(k) ? "" : `${term} ${short(spec.means[k][epoch - 1])}`)).filter(Boolean);
    const heading = capital(`${player.unit} ${epoch * spec.scale}`);
    this.tip.replaceChildren(el("b", { textContent: heading }), ...values.map((text) => el("div", { textContent: text })));
    this.tip.hidden = event.pointerType === "touch";
    const box = this.plot.getBoundingClientRect();
    const x = event.clientX - box.left;
    this.tip.style.left = `${clamp(x + 12, 0, Math.max(0, box.width - this.tip.offsetWidth))}px`;
    this.tip.style.top = surface === this.mix ? "-2.5rem" : "4px";
  }

  choose(tile) {
    this.tile = tile;
    this.mark.hidden = false;
    Object.assign(this.mark.style, { top: `${Math.floor(tile / GRID) * 10}%`, left: `${(tile % GRID) * 10}%` });
  }

  open(tile) {
    this.choose(tile);
    this.player.life.open(this, tile);
  }

  download() {
    if (!this.tones) return;
    const scale = 3;
    const large = el("canvas", { width: SIDE * scale, height: SIDE * scale });
    const context = large.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(this.picture, 0, 0, large.width, large.height);
    large.toBlob((blob) => {
      const link = el("a", { href: URL.createObjectURL(blob), download: `${this.spec.file}-${this.player.unit}-${this.picture.dataset.epoch * this.spec.scale}.png` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }
}

/** One tile through all epochs, with the class that a classifier saw in each. */
class Life {
  constructor(player) {
    this.player = player;
    this.heading = el("h4");
    this.close = button("Close", "Close this life", () => this.shut());
    this.moments = el("div", { className: "moments" });
    this.element = el("section", { className: "life", hidden: true }, el("header", {}, this.heading, this.close), this.moments);
    this.element.setAttribute("aria-label", "The life of one tile");
  }

  open(reel, tile) {
    if (this.reel && this.reel !== reel) this.reel.mark.hidden = true;
    [this.reel, this.tile] = [reel, tile];
    this.element.hidden = false;
    this.build();
    this.element.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  shut() {
    if (!this.reel) return;
    const { reel } = this;
    this.reel = undefined;
    this.element.hidden = true;
    reel.picture.focus();
    reel.mark.hidden = false;
  }

  build() {
    const { reel, tile, player } = this;
    if (!reel?.tones) return;
    const { spec } = reel;
    this.heading.textContent = `${spec.title}: the life of tile (${Math.floor(tile / GRID)},${tile % GRID}), of the same noise all the way`;
    let before;
    this.moments.replaceChildren(...Array.from({ length: Math.min(reel.frames, reel.reached) }, (_, frame) => {
      const picture = el("canvas", { width: TILE, height: TILE });
      put(picture, reel.tones, frame, tile);
      const label = spec.tiles?.[frame] ? Number(spec.tiles[frame][tile]) : undefined;
      const name = label === undefined ? "" : player.data.classes[label];
      const words = `${player.unit} ${(frame + 1) * spec.scale}${name && `: ${name}`}`;
      const moment = el("button", { type: "button", className: "moment", title: words, ariaLabel: words, tabIndex: -1 },
        picture, el("span", { textContent: (frame + 1) * spec.scale }), el("em", { textContent: label === before ? "" : name }));
      if (label !== undefined) moment.style.setProperty("--class", COLOURS[label]);
      before = label;
      moment.onclick = () => { player.pause(); player.go(frame + 1); };
      return moment;
    }));
    this.draw(player.epoch);
  }

  draw(epoch) {
    if (!this.reel) return;
    [...this.moments.children].forEach((moment, frame) => {
      if (frame + 1 !== epoch) return moment.removeAttribute("aria-current");
      moment.setAttribute("aria-current", "true");
      this.moments.scrollLeft = moment.offsetLeft - (this.moments.clientWidth - moment.offsetWidth) / 2; // on a phone
    });
  }
}

class Player {
  constructor(root) {
    this.root = root;
    this.reels = new Map();
    this.speed = 1;
    this.loop = true;
    this.back = button("◀❚", "One back (←)", () => { this.pause(); this.go(this.epoch - 1); });
    this.toggle = button("▶ Play", "Play or pause (space)", () => (this.playing ? this.pause() : this.play()));
    this.toggle.className = "play";
    this.next = button("❚▶", "One on (→)", () => { this.pause(); this.go(this.epoch + 1); });
    this.looping = button("↻ Loop", "Begin again at the end (L)", () => this.setLoop(!this.loop));
    this.speeds = el("select", { ariaLabel: "Speed" }, ...SPEEDS.map((x) => el("option", { value: x, textContent: `${x} ×`, selected: x === 1 })));
    this.speeds.onchange = () => { this.speed = Number(this.speeds.value); };
    this.readout = el("output", { className: "readout" });
    this.slider = el("input", { type: "range", min: 1, step: 1 });
    this.slider.oninput = () => { this.pause(); this.go(Number(this.slider.value)); };
    this.marks = el("div", { className: "marks" });
    this.classes = el("div", { className: "classes" });
    this.wall = el("div", { className: "reels" });
    this.life = new Life(this);
    this.list = el("ol", { className: "chapters" });
    this.story = el("section", { className: "story" }, el("h4", { textContent: "What happened" }), this.list);
    const help = "Space plays, ← → step, Home and End jump, L loops. Dots below the slider mark what happened. Drag or click in a chart to go there. On a picture, " +
      "click a tile, or choose it with the arrow keys and press Enter, to see its life; Escape closes it.";
    root.append(
      el("div", { className: "bar" }, this.back, this.toggle, this.next, this.looping, this.speeds, this.readout),
      el("div", { className: "scrub" }, this.slider, this.marks),
      this.classes, this.wall, this.life.element, this.story, el("p", { className: "help", textContent: help }),
    );
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Epoch player");
    root.onkeydown = (event) => this.key(event);
    this.setLoop(true);
    this.onsheet = () => this.reels.forEach((reel) => reel.spec.sheet !== reel.sheet && reel.fetch());
    globalThis.addEventListener("einstyle-sheet", this.onsheet);
  }

  leave() {
    this.pause(false);
    clearTimeout(this.rest);
    globalThis.removeEventListener("einstyle-sheet", this.onsheet);
    this.reels.forEach((reel) => reel.observer.disconnect());
  }

  show(data) {
    const atEnd = this.epoch === undefined || this.epoch === this.count;
    this.data = data;
    this.unit = data.unit;
    this.scale = data.reels[0]?.scale ?? 1;
    this.count = Math.max(1, ...data.reels.map((spec) => spec.means[0].length));
    const keys = new Set(data.reels.map((spec) => spec.key));
    for (const [key, reel] of this.reels) {
      if (keys.has(key)) continue;
      if (this.life.reel === reel) { this.life.reel = undefined; this.life.element.hidden = true; }
      reel.observer.disconnect();
      reel.element.remove();
      this.reels.delete(key);
    }
    for (const [place, spec] of data.reels.entries()) {
      if (!this.reels.has(spec.key)) this.reels.set(spec.key, new Reel(this));
      const reel = this.reels.get(spec.key);
      if (this.wall.children[place] !== reel.element) this.wall.insertBefore(reel.element, this.wall.children[place] ?? null);
      reel.update(spec);
      reel.element.classList.toggle("begins", spec.title !== data.reels[place - 1]?.title);
    }
    // Two recipes of a GAN stand side by side.
    this.wall.classList.toggle("pairs", data.reels.some((spec, place) => spec.title === data.reels[place - 1]?.title));
    this.wall.classList.toggle("one", data.reels.length === 1);
    this.slider.max = this.count;
    this.slider.ariaLabel = this.unit;
    this.classes.hidden = !data.reels.some((spec) => spec.mix);
    this.classes.replaceChildren(...data.classes.map((name, label) => {
      const patch = el("i");
      patch.style.background = COLOURS[label];
      return el("span", {}, patch, name);
    }));
    this.tell(data);
    this.go(this.epoch === undefined ? (data.start ?? this.count) : data.follow && atEnd ? this.count : this.epoch, false);
    if (this.life.reel) this.life.build();
  }

  /** The chapters: a list, and marks below the slider. */
  tell(data) {
    const chapters = data.reels.flatMap((spec) => spec.chapters.map((chapter) => ({ ...chapter, spec })));
    chapters.sort((a, b) => a.epoch - b.epoch);
    this.story.hidden = this.marks.hidden = !chapters.length;
    this.list.replaceChildren(...chapters.map(({ epoch, text, tile, spec }) => {
      const line = button("", "", () => {
        this.pause();
        this.go(epoch);
        if (tile !== null) this.reels.get(spec.key)?.open(tile);
      });
      line.removeAttribute("title");
      line.removeAttribute("aria-label");
      const when = el("b", { textContent: capital(`${this.unit} ${epoch * spec.scale}`) });
      line.append(when, " ", el("span", { textContent: `${spec.title}: ${text}` }));
      line.dataset.epoch = epoch;
      return el("li", {}, line);
    }));
    this.marks.replaceChildren(...[...new Set(chapters.map(({ epoch }) => epoch))].map((epoch) => {
      const mark = el("i");
      mark.style.setProperty("--at", this.count > 1 ? (epoch - 1) / (this.count - 1) : 0);
      return mark;
    }));
  }

  go(epoch, tell = true) {
    const wanted = clamp(Math.round(epoch) || 1, 1, this.count);
    const moved = wanted !== this.epoch;
    this.epoch = wanted;
    this.draw();
    if (!moved) return; // what is on its way to the server stays so
    clearTimeout(this.rest);
    if (tell && !this.playing) this.rest = setTimeout(() => this.send(this.epoch), REST_MS);
  }

  draw() {
    const { epoch } = this;
    if (!epoch) return;
    this.root.dataset.epoch = epoch;
    this.slider.value = epoch;
    this.slider.setAttribute("aria-valuetext", `${this.unit} ${epoch * this.scale} of ${this.data.total}`);
    this.readout.textContent = capital(`${this.unit} ${epoch * this.scale} of ${this.data.total}`);
    this.reels.forEach((reel) => reel.draw(epoch));
    this.life.draw(epoch);
    for (const line of this.list.querySelectorAll("button")) line.classList.toggle("now", Number(line.dataset.epoch) === epoch);
  }

  play() {
    if (this.playing || this.count < 2) return;
    if (this.epoch === this.count) this.go(1, false);
    clearTimeout(this.rest);
    this.playing = true;
    this.toggle.textContent = "❚❚ Pause";
    this.root.dataset.playing = "true";
    let last;
    const tick = (now) => {
      if (!this.playing) return;
      last ??= now;
      const steps = Math.floor((now - last) / (FRAME_MS / this.speed));
      if (steps > 0) {
        last += (steps * FRAME_MS) / this.speed;
        const next = this.epoch + Math.min(steps, 2); // a tab that was hidden goes on where it was
        if (next > this.count && !this.loop) return this.pause();
        this.go(next > this.count ? 1 : next);
      }
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  pause(tell = true) {
    if (!this.playing) return;
    this.playing = false;
    this.toggle.textContent = "▶ Play";
    delete this.root.dataset.playing;
    if (tell) this.send(this.epoch);
  }

  setLoop(on) {
    this.loop = on;
    this.looping.setAttribute("aria-pressed", on);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    const onButton = target.tagName === "BUTTON";
    const actions = {
      ArrowLeft: () => { this.pause(); this.go(this.epoch - 1); },
      ArrowRight: () => { this.pause(); this.go(this.epoch + 1); },
      Home: () => { this.pause(); this.go(1); },
      End: () => { this.pause(); this.go(this.count); },
      l: () => this.setLoop(!this.loop),
      Escape: () => this.life.shut(),
      ...(onButton ? {} : { " ": () => (this.playing ? this.pause() : this.play()) }),
    };
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || target.tagName === "SELECT") return;
    event.preventDefault();
    action();
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".player");
  const player = (root.player ??= new Player(root));
  player.send = (epoch) => setStateValue("epoch", epoch);
  player.show(data);
  return () => {
    player.leave();
    root.player = undefined;
    root.replaceChildren();
  };
}
