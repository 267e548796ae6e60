// The AI SDK in its versions 6 and 7, with its providers for OpenAI, for what resembles it, and for Replicate.
import { readFile } from "node:fs/promises";
import * as six from "ai-6";
import { createOpenAI as sixOpenAI } from "ai-6-openai";
import { createOpenAICompatible as sixCompatible } from "ai-6-openai-compatible";
import { createReplicate as sixReplicate } from "ai-6-replicate";
import * as seven from "ai";
import { createOpenAI as sevenOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible as sevenCompatible } from "@ai-sdk/openai-compatible";
import { createReplicate as sevenReplicate } from "@ai-sdk/replicate";
import { limited, picture } from "./pictures.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;

const versions = {
  6: { ai: six, openai: sixOpenAI, compatible: sixCompatible, replicate: sixReplicate },
  7: { ai: seven, openai: sevenOpenAI, compatible: sevenCompatible, replicate: sevenReplicate },
};

function model(each) {
  const { [each.provider]: create } = versions[each.version];
  const fetch = limited(each.timeout);
  switch (each.provider) {
    case "openai":
      return create({ apiKey: each.key, baseURL: `${each.address}/v1`, fetch }).image(each.model);
    case "compatible":
      return create({ name: "genapi", apiKey: each.key, baseURL: `${each.address}/v1`, fetch }).imageModel(each.model);
    default:
      return create({ apiToken: each.key, baseURL: `${each.address}/replicate/v1`, fetch }).image(each.model);
  }
}

const generate = ({ ai }) => ai.generateImage ?? ai.experimental_generateImage;

const read = ({ images, warnings }) => ({
  warnings: warnings.length,
  pictures: images.map((image) => ({ said: image.mediaType, ...picture(image.uint8Array) })),
});

export const aiGenerate = async (each) =>
  read(await generate(versions[each.version])({ model: model(each), prompt: each.marker, ...each.input }));

export async function aiEdit(each) {
  const image = await readFile(each.picture);
  const mask = each.masked ? { mask: await readFile(each.mask) } : {};
  const prompt = { text: each.marker, images: each.many ? [image, image] : [image], ...mask };
  return read(await generate(versions[each.version])({ model: model(each), prompt, ...each.input }));
}
