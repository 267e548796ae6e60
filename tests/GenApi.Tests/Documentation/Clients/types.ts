// What somebody would write against the types that openapi-typescript makes from the API document. A test compiles it together with them.
import type { components, paths } from "./genapi";

type GenerateRequest = components["schemas"]["GenerateRequest"];
type Generation = components["schemas"]["Generation"];
type Model = components["schemas"]["Model"];

export const request: GenerateRequest = {
  prompt: "a red fox in snow",
  model: "sdxl",
  cache: "refresh",
  webhook: "https://example.com/hook",
  webhook_events_filter: ["start", "completed"],
  metadata: { ticket: "A-17" },
  input: {
    scheduler: "K_EULER", num_inference_steps: 25, lora_scale: 0.5, disable_safety_checker: false, images: ["upl_1", null],
    nested: { any: [1] },
  },
};

// @ts-expect-error: there is no such event
export const noEvent: GenerateRequest = { webhook_events_filter: ["finished"] };

// @ts-expect-error: there is no such way to use the cache
export const noCache: GenerateRequest = { cache: "sometimes" };

// The input of a generation can be posted again, changed.
export const again = (made: Generation): GenerateRequest => ({ model: made.model, input: { ...made.input, seed: 8 } });

// A row of a list, a single answer and a part of another answer are one type.
type Body<Route> = Route extends { responses: { 200: { content: { "application/json": infer Json } } } } ? Json : never;
export const row = (page: Body<paths["/generations"]["get"]>): Generation | undefined => page.data[0];
export const made: (answer: Body<paths["/generate"]["post"]>) => Generation = answer => answer;
export const maker: (answer: Body<paths["/images/{id}/info"]["get"]>) => Generation = answer => answer.generation;
export const model: (answer: Body<paths["/models/{alias}"]["get"]>) => Model = answer => answer;

export function told(generation: Generation): string {
  switch (generation.status) {
    case "queued": case "starting": case "processing": case "storing":
      return `${Math.round((generation.progress?.percentage ?? 0) * 100)} %`;
    case "succeeded":
      return generation.images.map(image => `${image.url} ${image.width ?? "?"} × ${image.height ?? "?"}`).join()
        + ` for ${generation.cost?.usd ?? "an unknown price"}`;
    case "failed": case "canceled":
      return generation.error?.message ?? generation.status;
  }
}
