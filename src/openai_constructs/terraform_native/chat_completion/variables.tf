# Made from the table in schema.py by `make generate`. Edit the table, not this file.

variable "model" {
  description = "Id of the model."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.model) >= 1
    error_message = "The model must not be empty."
  }
}

variable "messages" {
  description = "The conversation so far, oldest first. Roles: developer, system, user, assistant, tool, function."
  nullable    = false

  type = list(object({
    role         = string
    content      = optional(string)
    name         = optional(string)
    tool_call_id = optional(string)
    function_call = optional(object({
      name      = string
      arguments = string
    }))
    content_parts = optional(list(object({
      image_url = optional(string)
      detail    = optional(string)
      file_data = optional(string)
      file_id   = optional(string)
      filename  = optional(string)
    })))
    tool_calls = optional(list(object({
      id   = string
      type = optional(string)
      function = list(object({
        name      = string
        arguments = string
      }))
    })))
  }))

  validation {
    condition     = length(var.messages) >= 1
    error_message = "There must be at least one message."
  }

  validation {
    condition = alltrue([
      for message in var.messages :
      try(contains(["developer", "system", "user", "assistant", "tool", "function"], message.role), false)
    ])
    error_message = "The role of every message must be developer, system, user, assistant, tool or function."
  }

  validation {
    condition = alltrue([
      for message in var.messages : message.tool_call_id == null ? true : length(message.tool_call_id) >= 1
    ])
    error_message = "The tool_call_id of every message must not be empty."
  }

  validation {
    condition     = alltrue([for message in var.messages : message.role != "function" || message.name != null])
    error_message = "A message of role function must have the name of the function."
  }

  validation {
    condition     = alltrue([for message in var.messages : message.role != "tool" || message.tool_call_id != null])
    error_message = "A message of role tool must have the id of the call that it answers."
  }
}

variable "functions" {
  description = "Functions the model may call; parameters is the JSON text of an object schema."
  default     = null

  type = list(object({
    name        = string
    description = optional(string)
    parameters  = string
  }))

  validation {
    condition     = length(coalesce(var.functions, [])) <= 128
    error_message = "There may be up to 128 functions."
  }

  validation {
    condition = alltrue([
      for function in coalesce(var.functions, []) : can(regex("^[a-zA-Z0-9_-]{1,64}$", function.name))
    ])
    error_message = "The name of every function must be 1 to 64 letters, digits, underscores or hyphens."
  }

  validation {
    condition = alltrue([
      for function in coalesce(var.functions, []) : try(jsondecode(function.parameters).type == "object", false)
    ])
    error_message = "The parameters of every function must be the JSON text of a schema of type object."
  }
}

variable "tools" {
  description = "Tools the model may call; parameters is the JSON text of an object schema. Types: function, custom. Syntaxs: lark, regex."
  default     = null

  type = list(object({
    name        = string
    description = optional(string)
    parameters  = optional(string)
    strict      = optional(bool)
    type        = optional(string)
    grammar     = optional(string)
    syntax      = optional(string)
  }))

  validation {
    condition     = length(coalesce(var.tools, [])) <= 128
    error_message = "There may be up to 128 tools."
  }

  validation {
    condition     = alltrue([for tool in coalesce(var.tools, []) : can(regex("^[a-zA-Z0-9_-]{1,64}$", tool.name))])
    error_message = "The name of every tool must be 1 to 64 letters, digits, underscores or hyphens."
  }

  validation {
    condition = alltrue([
      for tool in coalesce(var.tools, []) :
      tool.parameters == null ? true : try(jsondecode(tool.parameters).type == "object", false)
    ])
    error_message = "The parameters of every tool must be the JSON text of a schema of type object."
  }

  validation {
    condition = alltrue([
      for tool in coalesce(var.tools, []) : tool.type == null ? true : contains(["function", "custom"], tool.type)
    ])
    error_message = "The type of every tool must be function or custom."
  }

  validation {
    condition = alltrue([
      for tool in coalesce(var.tools, []) : tool.grammar == null ? true : length(tool.grammar) >= 1
    ])
    error_message = "The grammar of every tool must not be empty."
  }

  validation {
    condition = alltrue([
      for tool in coalesce(var.tools, []) : tool.syntax == null ? true : contains(["lark", "regex"], tool.syntax)
    ])
    error_message = "The syntax of every tool must be lark or regex."
  }
}

variable "response_format" {
  description = "Format of the answer, at most one; schema is JSON text. Types: text, json_object, json_schema."
  default     = null

  type = list(object({
    type        = string
    name        = optional(string)
    description = optional(string)
    schema      = optional(string)
    strict      = optional(bool)
  }))

  validation {
    condition     = length(coalesce(var.response_format, [])) <= 1
    error_message = "There may be at most one response format."
  }

  validation {
    condition = alltrue([
      for response_format in coalesce(var.response_format, []) :
      try(contains(["text", "json_object", "json_schema"], response_format.type), false)
    ])
    error_message = "The type of every response format must be text, json_object or json_schema."
  }

  validation {
    condition = alltrue([
      for response_format in coalesce(var.response_format, []) :
      response_format.name == null ? true : can(regex("^[a-zA-Z0-9_-]{1,64}$", response_format.name))
    ])
    error_message = "The name of every response format must be 1 to 64 letters, digits, underscores or hyphens."
  }

  validation {
    condition = alltrue([
      for response_format in coalesce(var.response_format, []) :
      response_format.schema == null ? true : can(keys(jsondecode(response_format.schema)))
    ])
    error_message = "The schema of every response format must be the JSON text of an object."
  }
}

variable "function_call" {
  description = "auto, none, or the name of the function to call."
  type        = string
  default     = null
}

variable "temperature" {
  description = "Sampling temperature, 0 to 2."
  type        = number
  default     = null

  validation {
    condition     = var.temperature == null ? true : var.temperature >= 0 && var.temperature <= 2
    error_message = "The temperature must be from 0 to 2."
  }
}

variable "top_p" {
  description = "Nucleus sampling, 0 to 1."
  type        = number
  default     = null

  validation {
    condition     = var.top_p == null ? true : var.top_p >= 0 && var.top_p <= 1
    error_message = "The top_p must be from 0 to 1."
  }
}

variable "n" {
  description = "Number of answers, 1 to 128."
  type        = number
  default     = null

  validation {
    condition     = var.n == null ? true : var.n >= 1 && var.n <= 128 && floor(var.n) == var.n
    error_message = "The n must be a whole number from 1 to 128."
  }
}

variable "stream" {
  description = "Kept for compatibility. Terraform always waits for the whole answer."
  type        = bool
  default     = null
}

variable "stop" {
  description = "Texts at which the model stops, up to 4."
  type        = list(string)
  default     = null

  validation {
    condition     = length(coalesce(var.stop, [])) <= 4
    error_message = "There may be up to 4 stop texts."
  }

  validation {
    condition     = alltrue([for text in coalesce(var.stop, []) : try(length(text) >= 1, false)])
    error_message = "A stop text must not be empty."
  }
}

variable "max_tokens" {
  description = "Maximum number of tokens in an answer, at least 1."
  type        = number
  default     = null

  validation {
    condition     = var.max_tokens == null ? true : var.max_tokens >= 1 && floor(var.max_tokens) == var.max_tokens
    error_message = "The max_tokens must be a whole number from 1."
  }
}

variable "presence_penalty" {
  description = "Penalty for tokens that occur in the text so far, -2 to 2."
  type        = number
  default     = null

  validation {
    condition     = var.presence_penalty == null ? true : var.presence_penalty >= -2 && var.presence_penalty <= 2
    error_message = "The presence_penalty must be from -2 to 2."
  }
}

variable "frequency_penalty" {
  description = "Penalty for tokens by how often they occur in the text so far, -2 to 2."
  type        = number
  default     = null

  validation {
    condition     = var.frequency_penalty == null ? true : var.frequency_penalty >= -2 && var.frequency_penalty <= 2
    error_message = "The frequency_penalty must be from -2 to 2."
  }
}

variable "logit_bias" {
  description = "Map of token ids to biases, -100 to 100."
  type        = map(number)
  default     = null

  validation {
    condition     = alltrue([for key in keys(coalesce(var.logit_bias, {})) : can(regex("^[0-9]+$", key))])
    error_message = "Every key of logit_bias must be the id of a token, in digits."
  }

  validation {
    condition = alltrue([
      for bias in values(coalesce(var.logit_bias, {})) : try(bias >= -100 && bias <= 100, false)
    ])
    error_message = "Every bias must be from -100 to 100."
  }
}

variable "user" {
  description = "Stable identifier of the end user."
  type        = string
  default     = null
}

variable "store" {
  description = "Whether OpenAI keeps the completion in the Chat Completions Store."
  type        = bool
  default     = null
}

variable "metadata" {
  description = "Labels of a stored completion: up to 16 pairs, keys up to 64 and values up to 512 characters."
  type        = map(string)
  default     = null

  validation {
    condition     = length(coalesce(var.metadata, {})) <= 16
    error_message = "There may be up to 16 pairs of metadata."
  }

  validation {
    condition = alltrue([
      for key, value in coalesce(var.metadata, {}) : try(length(key) <= 64 && length(value) <= 512, false)
    ])
    error_message = "Keys of metadata may have up to 64 characters, values up to 512."
  }
}

variable "imported" {
  description = "Whether the completion was imported instead of requested."
  type        = bool
  default     = null
}

variable "max_completion_tokens" {
  description = "Maximum number of tokens in an answer, including reasoning tokens, at least 1."
  type        = number
  default     = null

  validation {
    condition = (
      var.max_completion_tokens == null ? true :
      var.max_completion_tokens >= 1 && floor(var.max_completion_tokens) == var.max_completion_tokens
    )
    error_message = "The max_completion_tokens must be a whole number from 1."
  }
}

variable "tool_choice" {
  description = "auto, none, required, or the name of the tool to call."
  type        = string
  default     = null

  validation {
    condition     = var.tool_choice == null ? true : length(var.tool_choice) >= 1
    error_message = "The tool_choice must not be empty."
  }
}

variable "allowed_tools" {
  description = "Names of the tools the model may call now, up to 128. The others stay in the request, which keeps the prompt cache valid."
  type        = list(string)
  default     = null

  validation {
    condition     = length(coalesce(var.allowed_tools, [])) <= 128
    error_message = "There may be up to 128 allowed tools."
  }

  validation {
    condition     = alltrue([for tool in coalesce(var.allowed_tools, []) : try(length(tool) >= 1, false)])
    error_message = "An allowed tool must not be empty."
  }
}

variable "parallel_tool_calls" {
  description = "Whether one answer may call several tools."
  type        = bool
  default     = null
}

variable "seed" {
  description = "Seed for sampling; the same seed gives mostly the same answer."
  type        = number
  default     = null

  validation {
    condition     = var.seed == null ? true : floor(var.seed) == var.seed
    error_message = "The seed must be a whole number."
  }
}

variable "reasoning_effort" {
  description = "Reasoning effort: none, minimal, low, medium, high, xhigh or max."
  type        = string
  default     = null

  validation {
    condition     = var.reasoning_effort == null ? true : length(var.reasoning_effort) >= 1
    error_message = "The reasoning_effort must not be empty."
  }
}

variable "service_tier" {
  description = "Service tier: auto, default, flex, scale, priority or fast."
  type        = string
  default     = null

  validation {
    condition     = var.service_tier == null ? true : length(var.service_tier) >= 1
    error_message = "The service_tier must not be empty."
  }
}

variable "verbosity" {
  description = "Length of the answer: low, medium or high."
  type        = string
  default     = null

  validation {
    condition     = var.verbosity == null ? true : length(var.verbosity) >= 1
    error_message = "The verbosity must not be empty."
  }
}

variable "logprobs" {
  description = "Whether to return log probabilities of the answer's tokens."
  type        = bool
  default     = null
}

variable "top_logprobs" {
  description = "Number of most likely tokens to return at each position, 0 to 20. It needs logprobs."
  type        = number
  default     = null

  validation {
    condition = (
      var.top_logprobs == null ? true :
      var.top_logprobs >= 0 && var.top_logprobs <= 20 && floor(var.top_logprobs) == var.top_logprobs
    )
    error_message = "The top_logprobs must be a whole number from 0 to 20."
  }
}

variable "safety_identifier" {
  description = "Stable identifier of the end user, for abuse detection."
  type        = string
  default     = null

  validation {
    condition     = var.safety_identifier == null ? true : length(var.safety_identifier) >= 1
    error_message = "The safety_identifier must not be empty."
  }
}

variable "prompt_cache_key" {
  description = "Key that groups requests with a common prefix in the prompt cache."
  type        = string
  default     = null

  validation {
    condition     = var.prompt_cache_key == null ? true : length(var.prompt_cache_key) >= 1
    error_message = "The prompt_cache_key must not be empty."
  }
}

variable "prompt_cache_options" {
  description = "Mode and ttl of the prompt cache."
  type        = string
  default     = null

  validation {
    condition     = var.prompt_cache_options == null ? true : can(keys(jsondecode(var.prompt_cache_options)))
    error_message = "The prompt_cache_options must be the JSON text of an object."
  }
}

variable "prediction" {
  description = "Text that much of the answer will repeat."
  type        = string
  default     = null

  validation {
    condition     = var.prediction == null ? true : can(keys(jsondecode(var.prediction)))
    error_message = "The prediction must be the JSON text of an object."
  }
}

variable "web_search_options" {
  description = "Options for web search."
  type        = string
  default     = null

  validation {
    condition     = var.web_search_options == null ? true : can(keys(jsondecode(var.web_search_options)))
    error_message = "The web_search_options must be the JSON text of an object."
  }
}

variable "extra" {
  description = "Further fields of the request body, for which there is no argument. Fields that have an argument are refused."
  type        = string
  default     = null

  validation {
    condition     = var.extra == null ? true : can(keys(jsondecode(var.extra)))
    error_message = "The extra must be the JSON text of an object."
  }
}

variable "fallback_models" {
  description = "Models to use in turn if a model is unavailable or overloaded, up to 8. The attribute model_used has the model that answered."
  type        = list(string)
  default     = null

  validation {
    condition     = length(coalesce(var.fallback_models, [])) <= 8
    error_message = "There may be up to 8 fallback models."
  }

  validation {
    condition     = alltrue([for model in coalesce(var.fallback_models, []) : try(length(model) >= 1, false)])
    error_message = "A fallback model must not be empty."
  }
}

variable "idempotency_key" {
  description = "Key that identifies a stored completion among others with the same request."
  type        = string
  default     = null

  validation {
    condition     = var.idempotency_key == null ? true : length(var.idempotency_key) >= 1
    error_message = "The idempotency_key must not be empty."
  }
}

variable "on_destroy" {
  description = "What to do with the stored completion when the resource is destroyed: delete or keep."
  type        = string
  default     = null

  validation {
    condition     = var.on_destroy == null ? true : contains(["delete", "keep"], var.on_destroy)
    error_message = "The on_destroy must be delete or keep."
  }
}

variable "on_incomplete" {
  description = "What to do if an answer is cut off, refused, filtered or empty: warn, error or accept."
  type        = string
  default     = null

  validation {
    condition     = var.on_incomplete == null ? true : contains(["warn", "error", "accept"], var.on_incomplete)
    error_message = "The on_incomplete must be warn, error or accept."
  }
}

variable "on_missing" {
  description = "What to do if the store no longer has the completion: keep or recreate."
  type        = string
  default     = null

  validation {
    condition     = var.on_missing == null ? true : contains(["keep", "recreate"], var.on_missing)
    error_message = "The on_missing must be keep or recreate."
  }
}
