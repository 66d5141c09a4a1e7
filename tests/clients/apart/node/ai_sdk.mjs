// The AI SDK with its providers for OpenAI, Anthropic, Google and Groq; only `baseURL` is set.

import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createGroq } from "@ai-sdk/groq";
import { createOpenAI } from "@ai-sdk/openai";
import { embedMany, generateText, isStepCount, Output, streamText, tool } from "ai";
import { z } from "zod";
import { forEach, run, thrown, token, url } from "./gateway.mjs";

const prompt = "Tell me about rivers";
const city = z.object({ name: z.string(), population: z.number() });
const weather = tool({
  description: "Tells the weather of a city.",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `Sunny in ${city}`,
});

function models(gateway = "demo", apiKey = "anything") {
  const at = (path) => ({ apiKey, baseURL: `${url}/v1/local/${gateway}/${path}` });
  const openai = createOpenAI(at("openai"));
  return {
    chat: openai.chat("gpt-4o-mini"),
    responses: openai("gpt-4o-mini"),
    anthropic: createAnthropic(at("anthropic/v1"))("claude-sonnet-4-5"),
    google: createGoogleGenerativeAI(at("google-ai-studio/v1beta"))("gemini-2.5-flash"),
    groq: createGroq(at("groq"))("llama-3.3-70b-versatile"),
    compat: createOpenAI(at("compat")).chat("workers-ai/@cf/meta/llama-3.3-70b-instruct-fp8-fast"),
  };
}

const counts = ({ inputTokens, outputTokens, totalTokens }) => ({
  inputTokens,
  outputTokens,
  totalTokens,
});
const once = { maxRetries: 0 };

await run({
  chat: () =>
    forEach(models(), async (model) => {
      const answer = await generateText({ model, prompt, ...once });
      const { text, finishReason, usage, response } = answer;
      return { text, finishReason, usage: counts(usage), headers: response.headers };
    }),
  stream: () =>
    forEach(models(), async (model) => {
      const pieces = [];
      const answer = streamText({ model, prompt, ...once });
      for await (const piece of answer.textStream) pieces.push(piece);
      return {
        pieces,
        usage: counts(await answer.usage),
        headers: (await answer.response).headers,
      };
    }),
  tools: () =>
    forEach(models(), async (model) => {
      const asked = "What is the weather in Lisbon?";
      const stopWhen = isStepCount(5);
      const answer = await generateText({ model, prompt: asked, tools: { weather }, stopWhen });
      return { text: answer.text, steps: answer.steps.length };
    }),
  streamedTools: () =>
    forEach(models(), async (model) => {
      const toolChoice = "required";
      const answer = streamText({ model, prompt: "Lisbon?", tools: { weather }, toolChoice });
      return (await answer.toolCalls).map(({ toolName, input }) => ({ toolName, input }));
    }),
  object: () =>
    forEach(models(), async (model) => {
      const output = Output.object({ schema: city });
      return (await generateText({ model, prompt: "Describe Lisbon.", output })).output;
    }),
  repeat: () =>
    forEach(models(), async (model) => {
      const seen = [];
      for (let count = 0; count < 2; count++) {
        const headers = { "cf-aig-metadata": `{"count": ${count}}` };
        const answer = await generateText({ model, prompt: "Once more, please", headers });
        seen.push(answer.response.headers["cf-aig-cache-status"]);
      }
      return seen;
    }),
  rateLimited: () =>
    forEach(models(), (model) => {
      const headers = { "x-local-fault": "429;retry-after=7", "cf-aig-skip-cache": "true" };
      return thrown(generateText({ model, prompt, headers, ...once }));
    }),
  overloaded: () =>
    forEach(models(), (model) => {
      const headers = { "x-local-fault": "503", "cf-aig-skip-cache": "true" };
      return thrown(generateText({ model, prompt, headers, ...once }));
    }),
  withoutToken: () =>
    forEach(models("default"), (model) => thrown(generateText({ model, prompt, ...once }))),
  withToken: () =>
    forEach(models("default", token), async (model) => (await generateText({ model, prompt })).text),
  wrongKey: () =>
    forEach(models("demo", "wrong"), (model) => thrown(generateText({ model, prompt, ...once }))),
  embeddings: async () => {
    const openai = createOpenAI({ apiKey: "any", baseURL: `${url}/v1/local/demo/openai` });
    const model = openai.embedding("text-embedding-3-small");
    const { embeddings, usage } = await embedMany({ model, values: ["one", "two"] });
    return { lengths: embeddings.map((each) => each.length), tokens: usage.tokens };
  },
});
