// Vercel `ai` with @ai-sdk/openai: generated and streamed text, a tool, an object generated and streamed.

import { createOpenAI } from "@ai-sdk/openai";
import { Output, generateText, isStepCount, streamText, tool } from "ai";
import { z } from "zod";
import { EXTRACT, QUESTION, WEATHER, report } from "./report.mjs";

const openai = createOpenAI();
const City = z.object({ name: z.string(), population: z.number().int() });

async function question(model) {
  return (await generateText({ model: openai.chat(model), prompt: QUESTION })).text;
}

async function stream(model) {
  return Array.fromAsync(streamText({ model: openai.chat(model), prompt: QUESTION }).textStream);
}

async function call(model) {
  const cities = [];
  const weather = tool({
    description: "Tell the weather in a city.",
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => {
      cities.push(city);
      return `Sunny in ${city}.`;
    },
  });
  const options = { model: openai.chat(model), prompt: WEATHER, tools: { weather }, stopWhen: isStepCount(3) };
  return { cities, answer: (await generateText(options)).text };
}

async function structure(model) {
  const options = { model: openai.chat(model), prompt: EXTRACT, output: Output.object({ schema: City }) };
  return (await generateText(options)).output;
}

async function streamOfObjects(model) {
  const options = { model: openai.chat(model), prompt: EXTRACT, output: Output.object({ schema: City }) };
  return Array.fromAsync(streamText(options).partialOutputStream);
}

await report({ question, stream, call, structure, stream_of_objects: streamOfObjects });
