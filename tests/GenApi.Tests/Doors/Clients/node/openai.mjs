// npm openai and @langchain/openai, on the OpenAI door.
import { readFile } from "node:fs/promises";
import { DallEAPIWrapper } from "@langchain/openai";
import OpenAI, { toFile } from "openai";
import { ofBase64, ofLink } from "./pictures.mjs";

const client = (each) =>
  new OpenAI({ apiKey: each.key, baseURL: `${each.address}/v1`, ...(each.timeout ? { timeout: each.timeout } : {}) });

const file = async (path, name) => toFile(await readFile(path), name, { type: "image/png" });

/** Each item has one of the two members. */
const read = async (answer) => ({
  created: Number.isInteger(answer.created),
  usage: answer.usage,
  size: answer.size,
  format: answer.output_format,
  pictures: await Promise.all(
    answer.data.map(async (item) => ({
      members: Object.keys(item).filter((name) => name === "url" || name === "b64_json"),
      ...(item.url ? await ofLink(item.url) : ofBase64(item.b64_json)),
    })),
  ),
});

export const openaiGenerate = async (each) =>
  read(await client(each).images.generate({ model: each.model, prompt: each.marker, ...each.input }));

/** What the client would not show: the headers of the answer. */
export async function openaiHeaders(each) {
  const { response } = await client(each).images.generate({ model: each.model, prompt: each.marker, ...each.input }).withResponse();
  return Object.fromEntries(response.headers);
}

export const openaiEdit = async (each) =>
  read(
    await client(each).images.edit({
      model: each.model,
      image: each.many ? [await file(each.picture, "one.png"), await file(each.picture, "two.png")] : await file(each.picture, "one.png"),
      prompt: each.marker,
      ...(each.masked ? { mask: await file(each.mask, "mask.png") } : {}),
      ...each.input,
    }),
  );

export const openaiVariation = async (each) =>
  read(await client(each).images.createVariation({ model: each.model, image: await file(each.picture, "one.png"), ...each.input }));

export async function openaiStream(each) {
  const events = [];
  const stream = await client(each).images.generate({ model: each.model, prompt: each.marker, stream: true, ...each.input });
  for await (const { type: event, b64_json, usage } of stream) events.push({ event, usage, ...(b64_json ? ofBase64(b64_json) : {}) });
  return events;
}

export async function openaiModels(each) {
  const openai = client(each);
  const ids = [];
  for await (const model of openai.models.list()) ids.push(model.id);
  return { ids, one: await openai.models.retrieve(each.model) };
}

export async function openaiRefusals(each) {
  const stranger = new OpenAI({ apiKey: "sk-nobody", baseURL: `${each.address}/v1` });
  const openai = client(each);
  const calls = {
    size: () => openai.images.generate({ model: each.model, prompt: each.marker, size: "large" }),
    prompt: () => openai.images.generate({ model: each.model }),
    count: () => openai.images.generate({ model: each.model, prompt: each.marker, n: 0 }),
    model: () => openai.images.generate({ model: "no-such-model", prompt: each.marker }),
    text: () => openai.images.generate({ model: "replicate/hello-world", prompt: each.marker }),
    failed: () => openai.images.generate({ model: "sandbox/fails", prompt: each.marker }),
    blocked: () => openai.images.generate({ model: "sandbox/refuses", prompt: each.marker }),
    stranger: () => stranger.images.generate({ model: each.model, prompt: each.marker }),
    retrieve: () => openai.models.retrieve("no-such-model"),
  };
  const refusals = {};
  for (const [name, call] of Object.entries(calls)) {
    refusals[name] = await call().then(
      () => ({ kind: "not refused" }),
      (error) => ({
        kind: error.constructor.name,
        status: error.status,
        code: error.code,
        param: error.param,
        type: error.type,
        message: error.message,
        retry: error.headers?.get("x-should-retry") ?? null,
      }),
    );
  }
  return refusals;
}

export async function langchainGenerate(each) {
  const tool = new DallEAPIWrapper({ apiKey: each.key, baseUrl: `${each.address}/v1`, ...each.fields });
  const answer = await tool.invoke(each.marker);
  if (Array.isArray(answer)) return await Promise.all(answer.map((item) => ofLink(item.image_url)));
  return [answer.startsWith("http") ? await ofLink(answer) : ofBase64(answer)];
}
