// npm ai with its OpenAI-compatible provider against the router: node ai.mjs <base url> <router key> <model>
import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

const [baseURL, apiKey, model] = process.argv.slice(2);
const router = createOpenAICompatible({ name: "router", baseURL, apiKey, includeUsage: true, supportsStructuredOutputs: true });
const get_weather = tool({
  description: "The weather of a city.",
  inputSchema: z.object({ city: z.string() }),
  execute: async () => "sunny, 21 degrees",
});

const plain = await generateText({ model: router(model), prompt: "Hello there", maxRetries: 0 });
assert.match(plain.text, /Hello there/);
assert.equal(plain.finishReason, "stop");

const stream = streamText({ model: router(model), prompt: "Hello 😀 there", maxRetries: 0 });
let text = "";
for await (const piece of stream.textStream) text += piece;
assert.match(text, /Hello 😀 there/);
assert.ok((await stream.usage).outputTokens > 0);

const steps = await generateText({ model: router(model), prompt: "What is the weather in Paris?", tools: { get_weather }, stopWhen: stepCountIs(3), maxRetries: 0 });
assert.equal(steps.steps[0].toolCalls[0].toolName, "get_weather");
assert.match(steps.text, /sunny, 21 degrees/);

const streamedSteps = streamText({ model: router(model), prompt: "What is the weather in Paris?", tools: { get_weather }, stopWhen: stepCountIs(3), maxRetries: 0 });
let final = "";
for await (const piece of streamedSteps.textStream) final += piece;
assert.match(final, /sunny, 21 degrees/);

const structured = await generateText({ model: router(model), prompt: "Paris, as JSON", output: Output.object({ schema: z.object({ city: z.string() }) }), maxRetries: 0 });
assert.equal(typeof structured.output.city, "string");

await assert.rejects(
  generateText({ model: createOpenAICompatible({ name: "router", baseURL, apiKey: "rk_wrong" })(model), prompt: "Hi", maxRetries: 0 }),
  (error) => error.statusCode === 401,
);
console.log("ok");
