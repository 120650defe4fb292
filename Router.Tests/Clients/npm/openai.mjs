// npm openai against the router: node openai.mjs <base url> <router key> <model>
import assert from "node:assert/strict";
import OpenAI from "openai";

const [baseURL, apiKey, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const user = (content) => [{ role: "user", content }];
const weather = {
  type: "function",
  function: { name: "get_weather", description: "The weather of a city.", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
};

const plain = await client.chat.completions.create({ model, messages: user("Hello there") });
assert.match(plain.choices[0].message.content, /Hello there/);
assert.equal(plain.model, model);
assert.equal(plain.metadata.attempts.at(-1).success, true);

let text = "";
let usage;
let metadata;
for await (const chunk of await client.chat.completions.create({ model, messages: user("Hello 😀 there"), stream: true, stream_options: { include_usage: true } })) {
  text += chunk.choices[0]?.delta?.content ?? "";
  usage = chunk.usage ?? usage;
  metadata = chunk.metadata ?? metadata;
}
assert.match(text, /Hello 😀 there/);
assert.ok(usage.completion_tokens > 0);
assert.ok(["byok", "system"].includes(metadata.attempts.at(-1).credential_type));

const messages = user("What is the weather in Paris?");
const call = await client.chat.completions.create({ model, messages, tools: [weather] });
const [tool] = call.choices[0].message.tool_calls;
assert.equal(call.choices[0].finish_reason, "tool_calls");
assert.equal(tool.function.name, "get_weather");
JSON.parse(tool.function.arguments);
const answer = await client.chat.completions.create({
  model,
  tools: [weather],
  messages: [...messages, call.choices[0].message, { role: "tool", tool_call_id: tool.id, content: "sunny, 21 degrees" }],
});
assert.match(answer.choices[0].message.content, /sunny, 21 degrees/);

const runner = client.chat.completions.stream({ model, messages, tools: [weather] });
const streamed = await runner.finalChatCompletion();
assert.equal(streamed.choices[0].message.tool_calls[0].function.name, "get_weather");
JSON.parse(streamed.choices[0].message.tool_calls[0].function.arguments);

const structured = await client.chat.completions.create({
  model,
  messages: user("Paris, as JSON"),
  response_format: { type: "json_schema", json_schema: { name: "weather", strict: true, schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false } } },
});
assert.equal(typeof JSON.parse(structured.choices[0].message.content).city, "string");

const slug = model.split("/")[0];
await assert.rejects(
  client.chat.completions.create({ model, messages: user("Hi"), provider_credentials: { [slug]: { api_key: "sim-invalid", fallback_to_inworld: false } } }),
  (error) => error.status === 424 && error.code === "provider_credential_invalid" && error.headers.get("x-trace-id") !== null,
);
await assert.rejects(
  new OpenAI({ baseURL, apiKey: "rk_wrong", maxRetries: 0 }).chat.completions.create({ model, messages: user("Hi") }),
  (error) => error instanceof OpenAI.AuthenticationError,
);
console.log("ok");
