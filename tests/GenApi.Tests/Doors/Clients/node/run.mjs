// Runs many cases of other people's clients in one process, all at once, and writes what each one got.
// node run.mjs cases.json results.json
import { readFile, writeFile } from "node:fs/promises";
import * as aisdk from "./aisdk.mjs";
import * as lines from "./lines.mjs";
import * as mcp from "./mcp.mjs";
import * as openai from "./openai.mjs";
import * as replicate from "./replicate.mjs";

const programs = { ...aisdk, ...lines, ...mcp, ...openai, ...replicate };
const [, , casesFile, resultsFile] = process.argv;
const strays = [];
process.on("unhandledRejection", (reason) => strays.push(String(reason?.stack ?? reason)));

const describe = (error) => ({
  name: error?.name,
  message: String(error?.message ?? error),
  cause: error?.cause ? String(error.cause.message ?? error.cause) : null,
  status: error?.status ?? error?.statusCode ?? error?.response?.status ?? null,
  code: error?.code ?? null,
  param: error?.param ?? null,
  body: typeof error?.responseBody === "string" ? error.responseBody.slice(0, 500) : null,
});

/** A person whose program gave up starts it again: at most `repeats` times. */
async function run(each) {
  const result = { name: each.name, calls: 0, value: null, error: null };
  const since = Date.now();
  do {
    result.calls++;
    try {
      result.value = (await programs[each.does](each)) ?? null;
      result.error = null;
    } catch (error) {
      result.error = describe(error);
    }
  } while (result.error && result.calls <= (each.repeats ?? 0));
  return { ...result, milliseconds: Date.now() - since };
}

const cases = JSON.parse(await readFile(casesFile, "utf8"));
const results = await Promise.all(cases.map(run));
await writeFile(resultsFile, JSON.stringify({ results, strays }));
// Kept connections and event streams would hold the process.
process.exit(0);
