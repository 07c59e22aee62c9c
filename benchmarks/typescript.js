// What CDKTF costs without Python: modules made and synthesized by the engine in its own language.
//
//     node benchmarks/typescript.js COUNT OUTDIR

const { App, TerraformHclModule, TerraformStack } = require("cdktf");

const [count, outdir] = [Number(process.argv[2]), process.argv[3]];

const variables = (index) => ({
  model: "llama-3.3-70b",
  temperature: 0.5,
  max_tokens: 100,
  messages: [
    { role: "system", content: "You are a helpful assistant." },
    { role: "user", content: `Question ${index}` },
  ],
});

const app = new App({ outdir });
const stack = new TerraformStack(app, "stack");
const start = performance.now();
for (let index = 0; index < count; index++) {
  new TerraformHclModule(stack, `it${index}`, {
    source: "./module",
    skipAssetCreationFromLocalModules: true,
    variables: variables(index),
  });
}
const created = performance.now();
app.synth();
const synthesized = performance.now();
const peak = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ create: (created - start) / 1000, synth: (synthesized - created) / 1000, peak }));
