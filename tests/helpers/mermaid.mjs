// Reads sequence diagrams as mermaid does: node mermaid.mjs FOLDER, where FOLDER/node_modules has mermaid and
// jsdom. On the standard input: a JSON array of diagrams; printed: a JSON array of what each of them holds.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

const folder = process.argv[2];
const require = createRequire(join(folder, "package.json"));
const { JSDOM } = require("jsdom");
const page = new JSDOM("<!doctype html><body></body>", { pretendToBeVisual: true });
globalThis.window = page.window;
globalThis.document = page.window.document;
const { default: mermaid } = await import(pathToFileURL(require.resolve("mermaid")));
mermaid.initialize({ startOnLoad: false });

// What a person reads of a text: mermaid keeps `#35;` as a placeholder until it draws.
const shown = (text) =>
  (text ?? "").replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code)));
const answers = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    await mermaid.parse(text);
    const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
    const db = diagram.db;
    answers.push({
      title: shown(db.getDiagramTitle()),
      actors: [...db.getActors().values()].map((actor) => [actor.name, shown(actor.description)]),
      messages: db.getMessages().map((m) => ({
        from: m.from,
        to: m.to,
        type: m.type,
        lines: typeof m.message === "string" ? m.message.split("<br/>").map(shown) : [],
      })),
      error: "",
    });
  } catch (error) {
    answers.push({ error: String(error.message ?? error) });
  }
}
process.stdout.write(JSON.stringify(answers), () => process.exit(0)); // jsdom would keep it alive
