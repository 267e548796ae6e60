// The lines of the README's table, as they stand there: each makes a client, and the client makes a picture.
import { writeFile, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";
import { ofBase64, ofLink, picture } from "./pictures.mjs";
import { connect, read } from "./mcp.mjs";

const require = createRequire(import.meta.url);

/** A whole program of the README, run as a separate module; the picture that it wrote. */
export async function lineProgram(each) {
  const file = path.join(each.folder, "program.mjs");
  await writeFile(file, each.code);
  const before = process.cwd();
  process.chdir(each.folder);
  try {
    await import(pathToFileURL(file).href);
  } finally {
    process.chdir(before);
  }
  return picture(await readFile(path.join(each.folder, each.file)));
}

/** `new Replicate({…})` */
export async function lineReplicate(each) {
  const { default: Replicate } = await import("replicate");
  const replicate = new Function("Replicate", `return ${each.code}`)(Replicate);
  const [output] = [await replicate.run(each.model, { input: { prompt: each.marker, ...each.input } })].flat();
  return typeof output === "string" ? await ofLink(output) : picture(await (await output.blob()).arrayBuffer());
}

/** `new OpenAI({…})` */
export async function lineOpenAI(each) {
  const { default: OpenAI } = await import("openai");
  const openai = new Function("OpenAI", `return ${each.code}`)(OpenAI);
  const answer = await openai.images.generate({ model: each.model, prompt: each.marker, ...each.input });
  return ofBase64(answer.data[0].b64_json);
}

/** `createOpenAI({…})`, `createOpenAICompatible({…})` and `createReplicate({…})` */
export async function lineProvider(each) {
  const [{ createOpenAI }, { createOpenAICompatible }, { createReplicate }, { generateImage }] = await Promise.all(
    ["@ai-sdk/openai", "@ai-sdk/openai-compatible", "@ai-sdk/replicate", "ai"].map((name) => import(name)),
  );
  const make = new Function("createOpenAI", "createOpenAICompatible", "createReplicate", `return ${each.code}`);
  const provider = make(createOpenAI, createOpenAICompatible, createReplicate);
  const model = provider.imageModel(each.model);
  const { image } = await generateImage({ model, prompt: each.marker, ...each.input });
  return picture(image.uint8Array);
}

/** `new DallEAPIWrapper({…})` */
export async function lineLangchain(each) {
  const { DallEAPIWrapper } = require("@langchain/openai");
  const tool = new Function("DallEAPIWrapper", `return ${each.code}`)(DallEAPIWrapper);
  return await ofLink(await tool.invoke(each.marker));
}

/** An MCP client with the address and the header of a line. */
/** The agent's arguments are its own. */
export async function lineMcp(each) {
  const client = await connect(each.url, { [each.header[0]]: each.header[1] });
  try {
    const result = await client.callTool({ name: "generate_image", arguments: { prompt: each.marker, model: each.model, ...each.input } });
    return (await read(result)).pictures[0];
  } finally {
    await client.close();
  }
}
