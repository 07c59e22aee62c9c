// openai (npm): completions, a stream, tools run by the SDK, and a parsed zod schema.

import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { EXTRACT, QUESTION, WEATHER, report } from "./report.mjs";

const client = new OpenAI();
const City = z.object({ name: z.string(), population: z.number().int() });
const messages = (content) => [{ role: "user", content }];

async function question(model) {
  const completion = await client.chat.completions.create({ model, messages: messages(QUESTION) });
  return completion.choices[0].message.content;
}

async function stream(model) {
  const pieces = [];
  const chunks = await client.chat.completions.create({ model, messages: messages(QUESTION), stream: true });
  for await (const chunk of chunks) if (chunk.choices[0]?.delta.content) pieces.push(chunk.choices[0].delta.content);
  return pieces;
}

async function call(model) {
  const cities = [];
  const weather = {
    name: "weather",
    description: "Tell the weather in a city.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    parse: JSON.parse,
    function: ({ city }) => {
      cities.push(city);
      return `Sunny in ${city}.`;
    },
  };
  const tools = [{ type: "function", function: weather }];
  const runner = client.chat.completions.runTools({ model, messages: messages(WEATHER), tools });
  return { cities, answer: await runner.finalContent() };
}

async function structure(model) {
  const completion = await client.chat.completions.parse({
    model,
    messages: messages(EXTRACT),
    response_format: zodResponseFormat(City, "city"),
  });
  return completion.choices[0].message.parsed;
}

await report({ question, stream, call, structure });
