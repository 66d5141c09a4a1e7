// Cloudflare's provider of its own models: by name over HTTP, with a gateway and without one, and
// through a binding, as in a Worker; there it asks other vendors' models too.

import { embedMany, generateText, isStepCount, Output, streamText, tool } from "ai";
import { createWorkersAI } from "workers-ai-provider";
import { anthropic } from "workers-ai-provider/anthropic";
import { openai } from "workers-ai-provider/openai";
import { z } from "zod";
import { AI, failNext, forEach, run, thrown, token } from "./gateway.mjs";

const prompt = "What is an AI gateway?";
const name = "@cf/meta/llama-3.3-70b-instruct-fp8-fast";
const once = { maxRetries: 0 };
const account = { accountId: "local", apiKey: token };
const providers = [openai, anthropic];
const weather = tool({
  description: "Tells the weather of a city.",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `Sunny in ${city}`,
});

const overGateway = (options = {}) =>
  createWorkersAI({ ...account, gateway: { id: "demo", ...options } });

function models() {
  const bound = createWorkersAI({ binding: AI, gateway: { id: "demo" }, providers });
  return {
    gateway: overGateway()(name),
    account: createWorkersAI(account)(name),
    binding: bound(name),
    openai: bound("openai/gpt-4o-mini"),
    anthropic: bound("anthropic/claude-sonnet-4-5"),
    universal: bound("openai/gpt-4o-mini", { cacheTtl: 120 }),
  };
}

const told = async (model, more = {}) => {
  const { text, finishReason, usage } = await generateText({ model, prompt, ...once, ...more });
  return { text, finishReason, tokens: usage.totalTokens };
};

await run({
  chat: () => forEach(models(), told),
  stream: () =>
    forEach(models(), async (model) => {
      const pieces = [];
      const answer = streamText({ model, prompt, ...once });
      for await (const piece of answer.textStream) pieces.push(piece);
      return { pieces, tokens: (await answer.usage).totalTokens };
    }),
  tools: () =>
    forEach(models(), async (model) => {
      const stopWhen = isStepCount(5);
      const asked = { prompt: "What is the weather in Lisbon?", tools: { weather }, stopWhen };
      const answer = await generateText({ model, ...asked });
      return { text: answer.text, steps: answer.steps.length };
    }),
  object: () =>
    forEach(models(), async (model) => {
      const output = Output.object({ schema: z.object({ name: z.string() }) });
      return (await generateText({ model, prompt: "Describe Lisbon.", output })).output;
    }),
  repeat: async () => {
    const seen = [];
    const bound = createWorkersAI({ binding: AI, gateway: { id: "demo" }, providers });
    const onDispatch = ({ cacheStatus, cfStep }) => seen.push({ cacheStatus, cfStep });
    const model = bound("openai/gpt-4o-mini", { cacheTtl: 120, metadata: { a: 1 }, onDispatch });
    for (let count = 0; count < 2; count++) await told(model, { prompt: "Once more, please" });
    return seen;
  },
  fallback: async () => {
    const seen = [];
    const bound = createWorkersAI({ binding: AI, gateway: { id: "demo" }, providers });
    const fallback = { mode: "server", models: ["anthropic/claude-sonnet-4-5"] };
    const onDispatch = ({ cfStep }) => seen.push(cfStep);
    await failNext("openai");
    const { text } = await told(bound("openai/gpt-4o-mini", { skipCache: true, fallback, onDispatch }));
    return { text, seen };
  },
  embeddings: async () => {
    const model = overGateway().textEmbedding("@cf/baai/bge-base-en-v1.5");
    const { embeddings } = await embedMany({ model, values: ["one", "two"] });
    return embeddings.map((each) => each.length);
  },
  wrongToken: () =>
    forEach({ gateway: { id: "default" }, account: undefined }, (gateway) => {
      const stranger = createWorkersAI({ accountId: "local", apiKey: "wrong", gateway });
      return thrown(told(stranger(name)));
    }),
  overloaded: async () => {
    await failNext("workers-ai");
    return thrown(told(overGateway({ skipCache: true })(name)));
  },
});
