// Cloudflare's provider for the AI SDK: everything goes to the universal endpoint, as a list of
// steps. It reaches the gateway by its name, or through a binding, as in a Worker.

import { generateText, isStepCount, Output, streamText, tool } from "ai";
import { createAiGateway } from "ai-gateway-provider";
import { createAnthropic } from "ai-gateway-provider/providers/anthropic";
import { createGoogleGenerativeAI } from "ai-gateway-provider/providers/google";
import { createGroq } from "ai-gateway-provider/providers/groq";
import { createOpenAI } from "ai-gateway-provider/providers/openai";
import { createUnified } from "ai-gateway-provider/providers/unified";
import { z } from "zod";
import { AI, failNext, forEach, run, thrown, token } from "./gateway.mjs";

const prompt = "What is an AI gateway?";
const accountId = "local";
const once = { maxRetries: 0 };
const openai = createOpenAI({ apiKey: "anything" });
const anthropic = createAnthropic({ apiKey: "anything" });
const google = createGoogleGenerativeAI({ apiKey: "anything" });
const groq = createGroq({ apiKey: "anything" });
const unified = createUnified({
  apiKey: "anything",
  includeUsage: true,
  supportsStructuredOutputs: true,
});
const weather = tool({
  description: "Tells the weather of a city.",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `Sunny in ${city}`,
});

const demo = (options = {}) => createAiGateway({ accountId, gateway: "demo", options });

function models(gateway = demo()) {
  return {
    chat: gateway(openai.chat("gpt-4o-mini")),
    responses: gateway(openai("gpt-4o-mini")),
    anthropic: gateway(anthropic("claude-sonnet-4-5")),
    google: gateway(google("gemini-2.5-flash")),
    groq: gateway(groq("llama-3.3-70b-versatile")),
    unified: gateway(unified("anthropic/claude-sonnet-4-5")),
  };
}

const told = async (model, more = {}) => {
  const { text, usage, response } = await generateText({ model, prompt, ...once, ...more });
  const { "cf-aig-step": step, "cf-aig-cache-status": cache } = response.headers;
  return { text, tokens: usage.totalTokens, step, cache };
};

const streamed = async (model) => {
  const pieces = [];
  const answer = streamText({ model, prompt, ...once });
  for await (const piece of answer.textStream) pieces.push(piece);
  return { pieces, tokens: (await answer.usage).totalTokens };
};

await run({
  chat: () => forEach(models(), told),
  stream: () => forEach(models(), streamed),
  binding: () => forEach(models(createAiGateway({ binding: AI.gateway("demo") })), told),
  bindingStream: () => forEach(models(createAiGateway({ binding: AI.gateway("demo") })), streamed),
  object: () =>
    forEach(models(), async (model) => {
      const output = Output.object({ schema: z.object({ name: z.string() }) });
      return (await generateText({ model, prompt: "Describe Lisbon.", output })).output;
    }),
  tools: () =>
    forEach(models(), async (model) => {
      const stopWhen = isStepCount(5);
      const asked = { prompt: "What is the weather in Lisbon?", tools: { weather }, stopWhen };
      const answer = await generateText({ model, ...asked });
      return { text: answer.text, steps: answer.steps.length };
    }),
  repeat: async () => {
    const gateway = demo({ cacheTtl: 120, cacheKey: "node-one", metadata: { user: 7n } });
    const models = [openai.chat("gpt-4o-mini"), openai.chat("gpt-5")];
    return [await told(gateway(models[0])), await told(gateway(models[1]))];
  },
  skipped: async () => {
    const gateway = demo({ skipCache: true });
    const asked = () => told(gateway(openai.chat("gpt-4o-mini")));
    return [await asked(), await asked()].map(({ cache }) => cache);
  },
  fallback: () => {
    const broken = createOpenAI({ apiKey: "wrong" });
    const steps = { anthropic: anthropic("claude-sonnet-4-5"), google: google("gemini-2.5-flash") };
    return forEach(steps, (model) => told(demo()([broken.chat("gpt-4o-mini"), model])));
  },
  fallbackStream: () => {
    const broken = createOpenAI({ apiKey: "wrong" });
    return streamed(demo()([broken("gpt-4o-mini"), google("gemini-2.5-flash")]));
  },
  storedKey: () => {
    const keyless = createOpenAI();
    const gateway = createAiGateway({ accountId, gateway: "default", apiKey: token });
    return told(gateway(keyless.chat("gpt-4o-mini")));
  },
  withoutToken: () => {
    const gateway = createAiGateway({ accountId, gateway: "default" });
    return thrown(told(gateway(openai.chat("gpt-4o-mini"))));
  },
  tokenNotNeeded: () => told(demo()(openai.chat("gpt-4o-mini"))),
  unknownGateway: () => {
    const gateway = createAiGateway({ accountId, gateway: "no-such-gateway" });
    return thrown(told(gateway(openai.chat("gpt-4o-mini"))));
  },
  wrongKey: () => {
    const stranger = createOpenAI({ apiKey: "wrong" });
    return thrown(told(demo()(stranger.chat("gpt-4o-mini"))));
  },
  retried: async () => {
    const retries = { maxAttempts: 3, retryDelayMs: 1, backoff: "constant" };
    await failNext("openai", 2);
    return told(demo({ retries, skipCache: true })(openai.chat("gpt-4o-mini")));
  },
  overloaded: async () => {
    await failNext("openai");
    return thrown(told(demo({ skipCache: true })(openai.chat("gpt-4o-mini"))));
  },
});
