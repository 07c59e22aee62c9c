variable "model" {
  description = "Id of the model to ask."
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
    role    = string
    content = optional(string)
    name    = optional(string)
    function_call = optional(object({
      name      = string
      arguments = string
    }))
    tool_call_id = optional(string)
    tool_calls = optional(list(object({
      id = string
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
      contains(["developer", "system", "user", "assistant", "tool", "function"], message.role)
    ])
    error_message = "The role of every message must be developer, system, user, assistant, tool or function."
  }

  validation {
    condition     = alltrue([for message in var.messages : message.role != "function" || message.name != null])
    error_message = "A message of role function must have the name of the function."
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
    error_message = "The name of a function must be 1 to 64 letters, digits, underscores or hyphens."
  }

  validation {
    condition = alltrue([
      for function in coalesce(var.functions, []) : try(jsondecode(function.parameters).type == "object", false)
    ])
    error_message = "The parameters of a function must be the JSON text of a schema of type object."
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

variable "max_tokens" {
  description = "Most tokens of an answer."
  type        = number
  default     = null

  validation {
    condition     = var.max_tokens == null ? true : var.max_tokens >= 1 && floor(var.max_tokens) == var.max_tokens
    error_message = "The max_tokens must be a whole number from 1."
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
  description = "How many answers to make, 1 to 128."
  type        = number
  default     = null

  validation {
    condition     = var.n == null ? true : var.n >= 1 && var.n <= 128 && floor(var.n) == var.n
    error_message = "The n must be a whole number from 1 to 128."
  }
}

variable "stop" {
  description = "Up to 4 texts that end an answer."
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

variable "presence_penalty" {
  description = "Penalty for what was said before at all, -2 to 2."
  type        = number
  default     = null

  validation {
    condition     = var.presence_penalty == null ? true : var.presence_penalty >= -2 && var.presence_penalty <= 2
    error_message = "The presence_penalty must be from -2 to 2."
  }
}

variable "frequency_penalty" {
  description = "Penalty for how often it was said before, -2 to 2."
  type        = number
  default     = null

  validation {
    condition     = var.frequency_penalty == null ? true : var.frequency_penalty >= -2 && var.frequency_penalty <= 2
    error_message = "The frequency_penalty must be from -2 to 2."
  }
}

variable "logit_bias" {
  description = "Token id to a bias from -100 to 100."
  type        = map(number)
  default     = null

  validation {
    condition     = alltrue([for bias in values(coalesce(var.logit_bias, {})) : try(abs(bias) <= 100, false)])
    error_message = "Every bias must be from -100 to 100."
  }
}

variable "user" {
  description = "A stable identifier of the end user."
  type        = string
  default     = null
}

variable "stream" {
  description = "Kept for compatibility: Terraform waits for the whole answer in any case."
  type        = bool
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
  description = "Whether the completion was imported rather than asked for."
  type        = bool
  default     = null
}

variable "tools" {
  description = "Tools the model may call; parameters is the JSON text of an object schema."
  default     = null

  type = list(object({
    name        = string
    description = optional(string)
    parameters  = optional(string)
    strict      = optional(bool)
  }))
}

variable "response_format" {
  description = "What the answer has to look like, at most one; schema is the JSON text of an object schema."
  default     = null

  type = list(object({
    type        = string
    name        = optional(string)
    description = optional(string)
    schema      = optional(string)
    strict      = optional(bool)
  }))
}

variable "tool_choice" {
  description = "auto, none, required, or the name of the tool to call."
  type        = string
  default     = null
}

variable "parallel_tool_calls" {
  description = "Whether one answer may make several calls."
  type        = bool
  default     = null
}

variable "max_completion_tokens" {
  description = "Most tokens of an answer, its reasoning included."
  type        = number
  default     = null
}

variable "seed" {
  description = "The same seed makes much the same answer."
  type        = number
  default     = null
}

variable "reasoning_effort" {
  description = "How much a reasoning model thinks: none, minimal, low, medium or high."
  type        = string
  default     = null
}

variable "service_tier" {
  description = "auto, default, flex or priority."
  type        = string
  default     = null
}

variable "fallback_models" {
  description = "Models to ask in turn where one is not available or overloaded."
  type        = list(string)
  default     = null
}

variable "idempotency_key" {
  description = "Tells a stored completion from others with the same request, so that it is found again."
  type        = string
  default     = null
}

variable "on_destroy" {
  description = "delete deletes a stored completion with the resource, keep leaves it in the store."
  type        = string
  default     = null
}

variable "on_missing" {
  description = "When the store no longer has it: keep the answer, or recreate it."
  type        = string
  default     = null
}
