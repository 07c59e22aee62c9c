// The engine's blocks, with their arguments kept here: one JSON text when a block is made. An override in
// Python would be asked for them, with a round trip, in each of the two passes of a synthesis.
"use strict";

const [engineName] = Object.keys(require("./package.json").dependencies);
const engine = require(engineName);

function annotate(block, warnings) {
  for (const warning of warnings) engine.Annotations.of(block).addWarning(warning);
}

const keeping = (Block) =>
  class extends Block {
    #text;

    constructor(scope, id, config, text, warnings) {
      super(scope, id, config);
      this.#text = text;
      annotate(this, warnings);
    }

    // Parsed anew each time: the engine merges overrides into what it is given.
    synthesizeAttributes() {
      return JSON.parse(this.#text);
    }
  };

exports.TerraformResource = keeping(engine.TerraformResource);
exports.TerraformDataSource = keeping(engine.TerraformDataSource);

exports.TerraformHclModule = class extends engine.TerraformHclModule {
  constructor(scope, id, config, text, warnings) {
    super(scope, id, { ...config, variables: JSON.parse(text) });
    annotate(this, warnings);
  }
};
