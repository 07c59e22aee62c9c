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
  description = "The conversation so far, oldest first. Roles: system, user, assistant, function, developer."
  nullable    = false

  type = list(object({
    role    = string
    content = string
    name    = optional(string)
    function_call = optional(object({
      name      = string
      arguments = string
    }))
  }))

  validation {
    condition     = length(var.messages) >= 1
    error_message = "There must be at least one message."
  }

  validation {
    condition = alltrue([
      for message in var.messages :
      try(contains(["system", "user", "assistant", "function", "developer"], message.role), false)
    ])
    error_message = "The role of every message must be system, user, assistant, function or developer."
  }

  validation {
    condition     = alltrue([for message in var.messages : message.content != null])
    error_message = "The content of every message must not be null."
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
    error_message = "The name of every function must be 1 to 64 letters, digits, underscores or hyphens."
  }

  validation {
    condition = alltrue([
      for function in coalesce(var.functions, []) : try(jsondecode(function.parameters).type == "object", false)
    ])
    error_message = "The parameters of every function must be the JSON text of a schema of type object."
  }
}

variable "function_call" {
  description = "auto, none, or the name of the function to call."
  type        = string
  default     = null
}

variable "temperature" {
  description = "Sampling temperature, 0 to 2. The provider never sends a 0."
  type        = number
  default     = null

  validation {
    condition     = var.temperature == null ? true : var.temperature >= 0 && var.temperature <= 2
    error_message = "The temperature must be from 0 to 2."
  }
}

variable "top_p" {
  description = "Nucleus sampling, 0 to 1. The provider never sends a 0."
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
  description = "Kept for compatibility. The provider cannot read a streamed answer."
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
  description = "Whether OpenAI keeps the completion in the Chat Completions Store. The provider never sends a false."
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
