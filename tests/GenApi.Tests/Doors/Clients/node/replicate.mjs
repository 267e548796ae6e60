// npm replicate, on the Replicate door.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import Replicate, { validateWebhook } from "replicate";
import { limited, ofLink, picture } from "./pictures.mjs";

const client = (each) => new Replicate({ auth: each.key, baseUrl: `${each.address}/replicate/v1`, fetch: limited(each.timeout) });

/** A file object of version 1, or the string that plain http leaves. */
async function read(output) {
  if (typeof output === "string") return { kind: "string", ...(await ofLink(output)) };
  return { kind: "file", scheme: output.url().protocol, ...picture(await (await output.blob()).arrayBuffer()) };
}

const all = (output) => Promise.all([output].flat().map(read));

export async function replicateRun(each) {
  const wait = each.wait ?? { mode: "block" };
  return await all(await client(each).run(each.model, { input: { prompt: each.marker, ...each.input }, wait }));
}

/** The input is a file of the caller, which the client uploads first. */
export async function replicateFileInput(each) {
  const image = new Blob([await readFile(each.picture)], { type: "image/png" });
  return await all(await client(each).run(each.model, { input: { prompt: each.marker, image, ...each.input } }));
}

/** A progress bar counts the steps that the logs name. */
export async function replicateProgress(each) {
  const seen = [];
  const replicate = client(each);
  const input = { prompt: each.marker, ...each.input };
  const output = await replicate.run(each.model, { input, wait: { mode: "poll", interval: 100 } }, (now) => seen.push(now.status));
  return { seen: [...new Set(seen)], outputs: (await all(output)).length };
}

export async function replicateStream(each) {
  const events = [];
  for await (const { event, data } of client(each).stream(each.model, { input: { prompt: each.marker, ...each.input } })) {
    events.push({ event, isFile: typeof data !== "string", data: String(data).slice(0, 40) });
  }
  return events;
}

export async function replicateCancel(each) {
  const replicate = client(each);
  const made = await replicate.predictions.create({ model: each.model, input: { prompt: each.marker } });
  const canceled = await replicate.predictions.cancel(made.id);
  const ended = await replicate.wait(canceled, { interval: 50 });
  return { made: made.status, ended: ended.status };
}

/** Everything else that the client has methods for. */
export async function replicateSurface(each) {
  const replicate = client(each);
  const made = await replicate.predictions.create({ model: each.model, input: { prompt: each.marker, ...each.input } });
  const ended = await replicate.wait(made, { interval: 50 });
  const again = await replicate.predictions.get(made.id);
  const pages = [];
  for await (const page of replicate.paginate(replicate.predictions.list)) pages.push(page.length);
  const [owner, name] = each.model.split("/");
  const versions = await replicate.models.versions.list(owner, name);
  const list = Array.isArray(versions) ? versions : versions.results;
  const file = await replicate.files.create(new Blob(["a file"], { type: "text/plain" }), { of: "the tests" });
  const files = await replicate.files.list();
  const deleted = await replicate.files.delete(file.id);
  return {
    made: made.status,
    ended: ended.status,
    same: again.id === made.id && again.output?.length === ended.output?.length,
    pages: pages.length,
    listed: pages.reduce((sum, count) => sum + count, 0) > 0,
    account: (await replicate.accounts.current()).type,
    model: (await replicate.models.get(owner, name)).name,
    version: (await replicate.models.versions.get(owner, name, list[0].id)).id === list[0].id,
    found: (await replicate.models.search("sdxl")).results.map((model) => `${model.owner}/${model.name}`),
    collections: (await replicate.collections.list()).results.length,
    hardware: (await replicate.hardware.list()).length,
    metadata: file.metadata,
    hasFile: files.results.some((one) => one.id === file.id),
    deleted,
  };
}

/** What the door does not have is refused with a sentence, as an error of the client. */
export async function replicateRefusals(each) {
  const replicate = client(each);
  const stranger = new Replicate({ auth: "r8_nobody", baseUrl: `${each.address}/replicate/v1` });
  const calls = {
    deployments: () => replicate.deployments.list(),
    trainings: () => replicate.trainings.list(),
    missing: () => replicate.predictions.get("gen_00000000000000000000000000"),
    model: () => replicate.run("nobody/nothing", { input: { prompt: each.marker } }),
    input: () => replicate.run(each.model, { input: { prompt: each.marker, num_outputs: "many" } }),
    failed: () => replicate.run("sandbox/fails", { input: { prompt: each.marker } }),
    stranger: () => stranger.accounts.current(),
  };
  const refusals = {};
  for (const [name, call] of Object.entries(calls)) {
    refusals[name] = await call().then(
      () => "not refused",
      (error) => `${error.response?.status ?? ""} ${error.message}`,
    );
  }
  return refusals;
}

/** The client itself checks our signature. */
export async function replicateWebhook(each) {
  const arrived = deferred();
  const server = createServer((request, answer) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      answer.end();
      arrived.resolve({ headers: request.headers, body });
    });
  });
  await new Promise((ready) => server.listen(each.port, "127.0.0.1", ready));
  try {
    const replicate = client(each);
    const { key: secret } = await replicate.webhooks.default.secret.get();
    await replicate.predictions.create({
      model: each.model,
      input: { prompt: each.marker, ...each.input },
      webhook: `http://127.0.0.1:${each.port}/hook`,
      webhook_events_filter: ["completed"],
    });
    const { headers, body } = await arrived.promise;
    const valid = await validateWebhook({
      id: headers["webhook-id"],
      timestamp: headers["webhook-timestamp"],
      signature: headers["webhook-signature"],
      body,
      secret,
    });
    const prediction = JSON.parse(body);
    return { valid, status: prediction.status, prompt: prediction.input.prompt, outputs: [prediction.output].flat().length };
  } finally {
    server.close();
  }
}

function deferred() {
  let resolve;
  return { promise: new Promise((done) => (resolve = done)), resolve: (value) => resolve(value) };
}
