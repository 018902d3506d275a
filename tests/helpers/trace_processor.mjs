// Asks Perfetto's trace processor, as a page of its user interface does: node trace_processor.mjs FOLDER TRACE
// FOLDER holds engine_bundle.js and trace_processor.wasm. The queries come as a JSON array of SQL on the
// standard input; printed is a JSON array of {columns, rows, error}. What is said to the engine is as in
// Perfetto's protos/perfetto/trace_processor/trace_processor.proto (TraceProcessorRpcStream).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";

const [folder, trace] = process.argv.slice(2);
const APPEND = 1, FINALIZE = 2, QUERY = 3;
const PIECE = 1 << 20;

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}
const whole = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field, value) => Buffer.concat([varint(field * 8 + 2), varint(value.length), value]);

function fields(buffer) {
  const found = [];
  let at = 0;
  const number = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < buffer.length) {
    const key = Number(number());
    const kind = key & 7;
    if (kind === 0) found.push([key >> 3, number()]);
    else {
      const length = kind === 2 ? Number(number()) : kind === 1 ? 8 : 4;
      found.push([key >> 3, buffer.subarray(at, at + length)]);
      at += length;
    }
  }
  return found;
}
function varints(buffer) {
  const found = [];
  for (let value = 0n, shift = 0n, at = 0; at < buffer.length; at++) {
    value |= BigInt(buffer[at] & 127) << shift;
    shift += 7n;
    if (buffer[at] < 128) {
      found.push(Number(BigInt.asIntN(64, value)));
      value = shift = 0n;
    }
  }
  return found;
}

const doubles = (buffer) =>
  Array.from({ length: buffer.length / 8 }, (_, place) => buffer.readDoubleLE(place * 8));

// A worker of a browser, as far as the engine needs one.
const worker = {
  TextDecoder, TextEncoder, URL, performance, setTimeout, clearTimeout, queueMicrotask,
  console: { log() {}, warn() {}, error() {}, assert() {} },
  location: { href: "https://localhost/engine_bundle.js" },
  importScripts() {},
  WorkerGlobalScope: class {},
  XMLHttpRequest: class {
    open(method, name) {
      this.name = name;
    }
    send() {
      this.status = 200;
      const file = join(folder, this.name.split("/").pop());
      this.response = new Uint8Array(readFileSync(file)).buffer;
    }
  },
};
worker.self = worker;
vm.createContext(worker);
vm.runInContext(readFileSync(join(folder, "engine_bundle.js"), "utf8"), worker);

let rest = Buffer.alloc(0);
let waiting = () => {};
const port = {
  postMessage(piece) {
    rest = Buffer.concat([rest, Buffer.from(piece)]);
    for (;;) {
      let at = 1, length = 0;
      for (let shift = 0; at < rest.length; shift += 7) {
        const byte = rest[at++];
        length += (byte & 127) * 2 ** shift;
        if (byte < 128) break;
      }
      if (rest.length < at + length || rest.length < 2) return;
      const message = fields(rest.subarray(at, at + length));
      rest = rest.subarray(at + length);
      waiting(message);
    }
  },
};
worker.onmessage({ data: port });

let sequence = 0;
const InContext = vm.runInContext("Uint8Array", worker);
function ask(request, body, last) {
  return new Promise((resolve, reject) => {
    const answers = [];
    waiting = (message) => {
      const fatal = message.find(([field]) => field === 5);
      if (fatal) reject(new Error(String(fatal[1])));
      answers.push(message);
      if (last(message)) resolve(answers);
    };
    const message = Buffer.concat([whole(1, sequence++), whole(2, request), body]);
    port.onmessage({ data: InContext.from(bytes(1, message)) });
  });
}
const any = () => true;
const batches = (message) => message.filter(([field]) => field === 203).flatMap(([, body]) => fields(body));
const endsIn = (body) => fields(body).some(([field, value]) => field === 6 && value);
const isLast = (message) =>
  batches(message).some(([field, body]) => field === 2 || (field === 3 && endsIn(body)));

async function query(sql) {
  const columns = [], cells = [];
  let error = "";
  const answers = await ask(QUERY, bytes(103, bytes(1, Buffer.from(sql))), isLast);
  for (const [field, body] of answers.flatMap(batches)) {
    if (field === 1) columns.push(body.toString());
    if (field === 2) error = body.toString();
    if (field !== 3) continue;
    const parts = fields(body);
    const of = (wanted) => parts.filter(([f]) => f === wanted).map(([, value]) => value);
    const kinds = of(1).flatMap((part) => [...part]);
    const numbers = of(2).flatMap(varints);
    const floats = of(3).flatMap(doubles);
    const strings = of(5).flatMap((part) => part.toString().split("\0"));
    const next = { 2: () => numbers.shift(), 3: () => floats.shift(), 4: () => strings.shift() };
    for (const kind of kinds) cells.push(next[kind]?.() ?? null);
  }
  const rows = [];
  const width = columns.length || 1;
  for (let at = 0; at < cells.length; at += width) rows.push(cells.slice(at, at + width));
  return { columns, rows, error };
}

await new Promise((resolve) => setTimeout(resolve, 0)); // until what it promised itself is done
const content = readFileSync(trace);
let trouble = "";
for (let at = 0; at < content.length; at += PIECE) {
  const [answer] = await ask(APPEND, bytes(101, content.subarray(at, at + PIECE)), any);
  for (const [field, body] of answer) {
    if (field === 201) trouble ||= String(fields(body).find(([f]) => f === 2)?.[1] ?? "");
  }
}
if (trouble) throw new Error(trouble);
await ask(FINALIZE, Buffer.alloc(0), any);
const answers = [];
for (const sql of JSON.parse(readFileSync(0, "utf8"))) answers.push(await query(sql));
console.log(JSON.stringify(answers));
