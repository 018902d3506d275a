// The player of a page made by `ipcviz export --to html`. Everything is in the page: nothing is fetched.
"use strict";

const STEP_MS = 5000;
const TICK_MS = 33;
const SPEEDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16];
const byId = (id) => document.getElementById(id);

async function unpacked() {
  const bytes = Uint8Array.from(atob(byId("data").textContent.trim()), (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(stream).text()).split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

// The last line tells what holds for all. `times[k]` is when picture k begins, in ms;
// `kinds` are rows as runs [paint, text, cells, ...]; of each row of the screen, `from` says from which
// picture on which kind is shown.
function loaded(lines) {
  const facts = lines.pop();
  const kinds = [];
  const times = [];
  const rows = Array.from({ length: facts.rows }, () => ({ from: [], kind: [] }));
  for (const line of lines) {
    for (let place = 1; place < line.length; place += 2) {
      const told = line[place + 1];
      const row = rows[line[place]];
      row.from.push(times.length);
      row.kind.push(typeof told === "number" ? told : kinds.push(told) - 1);
    }
    times.push(line[0]);
  }
  return { ...facts, kinds, times, states: rows };
}

// The place of the last value that is not above the wanted one.
function lastUpTo(values, wanted) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= wanted) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

class Screen {
  constructor(recording) {
    this.recording = recording;
    this.rows = recording.states.map(() => document.createElement("div"));
    this.shown = recording.states.map(() => -1);
    byId("screen").replaceChildren(...this.rows);
  }

  show(picture) {
    this.recording.states.forEach((state, y) => {
      const kind = state.kind[lastUpTo(state.from, picture)];
      if (kind === this.shown[y]) return;
      this.shown[y] = kind;
      this.rows[y].replaceChildren(...this.spans(this.recording.kinds[kind]));
    });
  }

  * spans(runs) {
    for (let place = 0; place < runs.length; place += 3) {
      const [paint, text, cells] = runs.slice(place, place + 3);
      const span = document.createElement("span");
      const drawing = this.recording.drawings[String.fromCodePoint(text.codePointAt(0))];
      span.className = drawing === undefined ? `p${paint}` : `p${paint} d d${drawing}`;
      span.style.width = `calc(var(--cell) * ${cells})`;
      span.textContent = text;
      yield span;
    }
  }

  // Cells of whole pixels join without a seam, whatever font there is.
  fit() {
    const probe = document.createElement("span");
    probe.textContent = "0".repeat(100);
    probe.style.cssText = "position:absolute;visibility:hidden;font-size:100px;white-space:pre";
    byId("screen").append(probe);
    const advance = probe.getBoundingClientRect().width / 10000;
    probe.remove();
    const wide = (document.documentElement.clientWidth - 40) / this.recording.columns;
    const high = (window.innerHeight - byId("controls").offsetHeight - 40) / this.recording.rows / 2;
    const cell = Math.max(5, Math.min(20, Math.floor(Math.min(wide, Math.max(high, 6)))));
    byId("screen").style.setProperty("--cell", `${cell}px`);
    byId("screen").style.fontSize = `${cell / (advance || 0.602)}px`;
  }
}

class Player {
  constructor(recording) {
    this.recording = recording;
    this.screen = new Screen(recording);
    this.position = 0;
    this.speed = 1;
    this.playing = false;
    this.then = 0;
    this.timer = 0;
  }

  get chapters() {
    return this.recording.chapters;
  }

  seek(position) {
    this.position = Math.max(0, Math.min(this.recording.duration, position));
    this.screen.show(lastUpTo(this.recording.times, this.position));
    this.tell();
  }

  toggle() {
    if (!this.playing && this.position >= this.recording.duration) this.seek(0);
    this.playing = !this.playing;
    this.then = performance.now();
    clearTimeout(this.timer);
    if (this.playing) this.timer = setTimeout(() => this.tick(), TICK_MS);
    this.tell();
  }

  tick() {
    if (!this.playing) return;
    const now = performance.now();
    const passed = Math.max(0, now - this.then);
    this.then = now;
    this.seek(this.position + passed * this.speed);
    if (this.position >= this.recording.duration) this.playing = false;
    else this.timer = setTimeout(() => this.tick(), TICK_MS);
    this.tell();
  }

  step(pictures) {
    this.playing = false;
    const times = this.recording.times;
    const at = lastUpTo(times, this.position) + pictures;
    this.seek(times[Math.max(0, Math.min(times.length - 1, at))]);
  }

  chapter(step) {
    const after = this.chapters.find(([t]) => t > this.position);
    const before = this.chapters.filter(([t]) => t < this.position - (this.playing ? 1000 : 0)).pop();
    const found = step > 0 ? after : before;
    if (found !== undefined) this.seek(found[0]);
    else if (step < 0) this.seek(0);
  }

  faster(steps) {
    const at = SPEEDS.indexOf(this.speed) + steps;
    this.speed = SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at))];
    this.tell();
  }

  // What the controls say.
  tell() {
    byId("play").textContent = this.playing ? "Pause" : "Play";
    byId("time").textContent = `${clock(this.position)} of ${clock(this.recording.duration)}`;
    byId("place").value = this.position;
    byId("speed").textContent = `speed ${this.speed}`;
    const now = this.chapters.filter(([t]) => t <= this.position).pop();
    byId("chapter").textContent = now === undefined ? "" : now[1];
    byId("caption").textContent = now === undefined ? "" : now[2];
  }
}

function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  const text = (value) => String(value).padStart(2, "0");
  return `${text(Math.floor(seconds / 60))}:${text(seconds % 60)}`;
}

function keys(player) {
  return {
    " ": () => player.toggle(),
    k: () => player.toggle(),
    ArrowLeft: () => player.seek(player.position - STEP_MS),
    ArrowRight: () => player.seek(player.position + STEP_MS),
    ",": () => player.step(-1),
    ".": () => player.step(1),
    "[": () => player.chapter(-1),
    "]": () => player.chapter(1),
    PageUp: () => player.chapter(-1),
    PageDown: () => player.chapter(1),
    "<": () => player.faster(-1),
    ">": () => player.faster(1),
    Home: () => player.seek(0),
    End: () => player.seek(player.recording.duration),
  };
}

function listen(player) {
  const known = keys(player);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const digit = /^[0-9]$/.test(event.key);
    if (!digit && known[event.key] === undefined) return;
    event.preventDefault();
    if (digit) player.seek((player.recording.duration * Number(event.key)) / 10);
    else known[event.key]();
  });
  byId("play").addEventListener("click", () => player.toggle());
  byId("slower").addEventListener("click", () => player.faster(-1));
  byId("faster").addEventListener("click", () => player.faster(1));
  byId("place").addEventListener("input", (event) => player.seek(Number(event.target.value)));
  window.addEventListener("resize", () => player.screen.fit());
  window.addEventListener("hashchange", () => player.seek(wanted()));
}

function chapterButtons(player) {
  byId("chapters").replaceChildren(
    ...player.chapters.map(([t, title]) => {
      const button = document.createElement("button");
      button.textContent = `${clock(t)} ${title}`;
      button.addEventListener("click", () => player.seek(t));
      return button;
    }),
  );
}

// The moment that the address asks for: #t=12.5, in seconds.
function wanted() {
  const found = /[#&]t=([0-9.]+)/.exec(location.hash);
  return found === null ? 0 : Number(found[1]) * 1000 || 0;
}

async function begin() {
  const player = new Player(loaded(await unpacked()));
  byId("place").max = player.recording.duration;
  chapterButtons(player);
  listen(player);
  player.screen.fit();
  player.seek(wanted());
  document.body.dataset.ready = "yes";
}

begin().catch((error) => {
  byId("chapter").textContent = `This browser cannot play it (${error.message}); here is the last picture.`;
});
