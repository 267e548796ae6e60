// @modelcontextprotocol/sdk, on the MCP server.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ofBase64, ofLink } from "./pictures.mjs";

export async function connect(address, headers) {
  const client = new Client({ name: "tests", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(address), { requestInit: { headers } }));
  return client;
}

const open = (each) => connect(`${each.address}/mcp`, { Authorization: `Bearer ${each.key}` });

/** What an agent's host does with a result: the sentence, the pictures, the links, the structure. */
export async function read(result) {
  const blocks = (type) => result.content.filter((block) => block.type === type);
  if (result.isError) throw new Error(blocks("text").map((block) => block.text).join(" "));
  return {
    bytes: Buffer.byteLength(JSON.stringify(result)),
    texts: blocks("text").map((block) => block.text),
    pictures: blocks("image").map((block) => ({ said: block.mimeType, ...ofBase64(block.data) })),
    links: await Promise.all(blocks("resource_link").map((block) => ofLink(block.uri))),
    structured: result.structuredContent ?? null,
  };
}

export async function mcpGenerate(each) {
  const client = await open(each);
  try {
    const call = { name: "generate_image", arguments: { prompt: each.marker, model: each.model, ...each.input } };
    return await read(await client.callTool(call, undefined, each.timeout ? { timeout: each.timeout } : undefined));
  } finally {
    await client.close();
  }
}

export async function mcpSurface(each) {
  const client = await open(each);
  try {
    const request = { prompt: each.marker, model: each.model, input: each.input };
    const made = await client.callTool({ name: "generate_image", arguments: request });
    const { structuredContent } = made;
    const id = structuredContent?.generation_id ?? structuredContent?.id;
    const asked = await client.callTool({ name: "get_generation", arguments: { generation_id: id } });
    const found = await client.callTool({ name: "search_images", arguments: { q: each.marker } });
    const models = await client.callTool({ name: "list_models", arguments: {} });
    const wrong = await client.callTool({ name: "generate_image", arguments: { prompt: each.marker, model: "no such model" } });
    return {
      tools: (await client.listTools()).tools.map((tool) => tool.name).sort(),
      prompts: (await client.listPrompts()).prompts.length,
      templates: (await client.listResourceTemplates()).resourceTemplates.length,
      id,
      made: await read(made),
      asked: (await read(asked)).pictures.length,
      found: !found.isError,
      models: !models.isError,
      wrong: { isError: wrong.isError, text: wrong.content.map((block) => block.text).join(" ") },
    };
  } finally {
    await client.close();
  }
}
