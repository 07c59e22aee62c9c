// Run the exercises of a client for each model id of the command line, and print the results as JSON.

export const QUESTION = "Where is Oslo?";
export const WEATHER = "What is the weather in Oslo?";
export const EXTRACT = "Extract the city: Oslo has 700000 inhabitants.";

export async function report(exercises) {
  const results = {};
  for (const model of process.argv.slice(2)) {
    results[model] = {};
    for (const [name, run] of Object.entries(exercises)) results[model][name] = await run(model);
  }
  console.log(JSON.stringify(results));
}
