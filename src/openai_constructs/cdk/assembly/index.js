// The engine's blocks, with their arguments kept here: one JSON text when a block is made. An override in
// Python would be asked for them, with a round trip, in each of the two passes of a synthesis.
"use strict";

const [engineName] = Object.keys(require("./package.json").dependencies);
const engine = require(engineName);

function annotate(block, warnings = []) {
  for (const warning of warnings) engine.Annotations.of(block).addWarning(warning);
}

const keeping = (Block) =>
  class extends Block {
    #text;

    constructor(scope, id, config, text) {
      super(scope, id, config);
      this.#text = text;
      annotate(this, JSON.parse(text).warnings);
    }

    // Parsed anew each time: the engine merges overrides into what it is given.
    synthesizeAttributes() {
      return JSON.parse(this.#text).arguments;
    }
  };

exports.TerraformResource = keeping(engine.TerraformResource);
exports.TerraformDataSource = keeping(engine.TerraformDataSource);

exports.TerraformHclModule = class extends engine.TerraformHclModule {
  constructor(scope, id, config, text) {
    const { arguments: variables, warnings } = JSON.parse(text);
    super(scope, id, { ...config, variables });
    annotate(this, warnings);
  }
};
