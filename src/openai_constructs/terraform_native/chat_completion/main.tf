# Made from the table in schema.py by `make generate`. Edit the table, not this file.

resource "openai_chat_completion" "this" {
  model = var.model

  dynamic "messages" {
    for_each = var.messages

    content {
      role         = messages.value.role
      content      = messages.value.content
      name         = messages.value.name
      tool_call_id = messages.value.tool_call_id

      dynamic "function_call" {
        for_each = messages.value.function_call[*]

        content {
          name      = function_call.value.name
          arguments = function_call.value.arguments
        }
      }

      dynamic "content_parts" {
        for_each = coalesce(messages.value.content_parts, [])

        content {
          image_url = content_parts.value.image_url
          detail    = content_parts.value.detail
          file_data = content_parts.value.file_data
          file_id   = content_parts.value.file_id
          filename  = content_parts.value.filename
        }
      }

      dynamic "tool_calls" {
        for_each = coalesce(messages.value.tool_calls, [])

        content {
          id   = tool_calls.value.id
          type = tool_calls.value.type

          dynamic "function" {
            for_each = tool_calls.value.function

            content {
              name      = function.value.name
              arguments = function.value.arguments
            }
          }
        }
      }
    }
  }

  dynamic "functions" {
    for_each = coalesce(var.functions, [])

    content {
      name        = functions.value.name
      description = functions.value.description
      parameters  = functions.value.parameters
    }
  }

  dynamic "tools" {
    for_each = coalesce(var.tools, [])

    content {
      name        = tools.value.name
      description = tools.value.description
      parameters  = tools.value.parameters
      strict      = tools.value.strict
      type        = tools.value.type
      grammar     = tools.value.grammar
      syntax      = tools.value.syntax
    }
  }

  dynamic "response_format" {
    for_each = coalesce(var.response_format, [])

    content {
      type        = response_format.value.type
      name        = response_format.value.name
      description = response_format.value.description
      schema      = response_format.value.schema
      strict      = response_format.value.strict
    }
  }

  function_call     = var.function_call
  temperature       = var.temperature
  top_p             = var.top_p
  n                 = var.n
  stream            = var.stream
  stop              = var.stop
  max_tokens        = var.max_tokens
  presence_penalty  = var.presence_penalty
  frequency_penalty = var.frequency_penalty
  logit_bias        = var.logit_bias
  user              = var.user
  store             = var.store
  metadata          = var.metadata
  imported          = var.imported

  max_completion_tokens = var.max_completion_tokens
  tool_choice           = var.tool_choice
  allowed_tools         = var.allowed_tools
  parallel_tool_calls   = var.parallel_tool_calls
  seed                  = var.seed
  reasoning_effort      = var.reasoning_effort
  service_tier          = var.service_tier
  verbosity             = var.verbosity
  logprobs              = var.logprobs
  top_logprobs          = var.top_logprobs
  safety_identifier     = var.safety_identifier
  prompt_cache_key      = var.prompt_cache_key
  prompt_cache_options  = var.prompt_cache_options
  prediction            = var.prediction
  web_search_options    = var.web_search_options
  extra                 = var.extra
  fallback_models       = var.fallback_models
  idempotency_key       = var.idempotency_key
  on_destroy            = var.on_destroy
  on_incomplete         = var.on_incomplete
  on_missing            = var.on_missing
}
