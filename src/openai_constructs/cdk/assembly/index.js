// The engine's side of this library. What is kept here would be asked of Python with a round trip each time, in
// each of the two passes of a synthesis; what is one call here would be several from there.
"use strict";

const { createHash } = require("crypto");
const { name: library, version, dependencies } = require("./package.json");
const engine = require(Object.keys(dependencies)[0]);

const digest = (text) => createHash("sha256").update(text).digest("hex");

// What a block is told besides its arguments: its name, warnings to its author, and a hash that its stack keeps.
function describe(block, { name, warnings, hash }) {
  if (name !== null) block.overrideLogicalId(name);
  // As `Annotations` does it, but without a stack trace: it would show the ways of jsii, and folders of this run.
  for (const warning of warnings) block.node.addMetadata(engine.AnnotationMetadataEntryType.WARN, warning);
  if (hash !== null) RequestHashes.keep(block, ...hash);
}

// A class of the engine's blocks that are given their arguments once, as one JSON text.
const keeping = (Block) =>
  class extends Block {
    #text;

    constructor(scope, id, config, text) {
      super(scope, id, config);
      this.#text = text;
      describe(this, JSON.parse(text));
    }

    // Parsed anew each time: the engine merges overrides into what it is given.
    synthesizeAttributes() {
      return JSON.parse(this.#text).arguments;
    }
  };

exports.TerraformResource = keeping(engine.TerraformResource);
exports.TerraformDataSource = keeping(engine.TerraformDataSource);

exports.TerraformProvider = class extends keeping(engine.TerraformProvider) {
  #alias;

  get alias() {
    return this.#alias;
  }

  set alias(value) {
    this.#alias = value;
  }
};

exports.TerraformHclModule = class extends engine.TerraformHclModule {
  constructor(scope, id, config, text) {
    const { arguments: variables, ...rest } = JSON.parse(text);
    super(scope, id, { ...config, variables });
    describe(this, rest);
  }

  // The engine gives out its own, and merges overrides into them anew each time.
  synthesizeAttributes() {
    return copied(super.synthesizeAttributes());
  }
};

function copied(value) {
  if (Array.isArray(value)) return value.map(copied);
  if (value?.constructor !== Object) return value;
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, copied(it)]));
}

// A `terraform_data` with an instance for the hash of each block that is in the tree; made with the first.
class RequestHashes extends engine.TerraformElement {
  // By this, jsii knows the type of what was not made from Python.
  static [Symbol.for("jsii.rtti")] = { fqn: `${library}.RequestHashes`, version };
  #hashes = new Map();

  static keep(block, id, key, request, tokens) {
    const stack = engine.TerraformStack.of(block);
    const found = stack.node.tryFindChild(id);
    const hashes = found instanceof RequestHashes ? found : new RequestHashes(stack, id, "terraform_data");
    hashes.#hashes.set(block, [key, digest(request) + tokens]);
  }

  toTerraform() {
    const kept = engine.TerraformStack.of(this).node.findAll().filter((it) => this.#hashes.has(it));
    if (kept.length === 0) return {};
    const hashes = Object.fromEntries(kept.map((it) => this.#hashes.get(it)));
    return { resource: { terraform_data: { [this.node.id]: { for_each: hashes, input: "${each.value}" } } } };
  }
}

exports.RequestHashes = RequestHashes;

// The packaged modules, as an asset whose name is the digest of what they say.
exports.Modules = class {
  static add(stack, id, folder, content) {
    return new engine.TerraformAsset(stack, id, { path: folder, assetHash: digest(content).slice(0, 32) }).path;
  }
};

// An expression of Terraform: texts, the addresses of constructs, attributes or outputs of them, other values.
exports.Expression = class Expression {
  #parts;
  creationStack = [];

  static asText(parts) {
    return new Expression(parts).toString();
  }

  static asNumber(parts) {
    return engine.Token.asNumber(new Expression(parts));
  }

  constructor(parts) {
    // One reference for all times it is resolved: between stacks the engine prepares a reference first.
    this.#parts = parts.map((part) => (typeof part === "string" ? part : { value: valueOf(part) }));
  }

  resolve(context) {
    const isInside = context.suppressBraces;
    context.suppressBraces = true;
    const text = this.#parts.map((it) => (typeof it === "string" ? it : context.resolve(it.value))).join("");
    context.suppressBraces = isInside;
    return isInside ? text : `\${${text}}`;
  }

  toString() {
    return engine.Token.asString(this);
  }
};

function valueOf(part) {
  if (!Array.isArray(part)) return part.fqn ?? part;
  const [block, path] = part;
  const isModule = block instanceof engine.TerraformHclModule;
  return isModule ? block.interpolationForOutput(path) : block.interpolationForAttribute(path);
}
