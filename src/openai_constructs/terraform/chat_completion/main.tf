# Made from the table in schema.py by `make generate`. Edit the table, not this file.

resource "openai_chat_completion" "this" {
  model = var.model

  dynamic "messages" {
    for_each = var.messages

    content {
      role    = messages.value.role
      content = messages.value.content
      name    = messages.value.name

      dynamic "function_call" {
        for_each = messages.value.function_call[*]

        content {
          name      = function_call.value.name
          arguments = function_call.value.arguments
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

  lifecycle {
    replace_triggered_by = [terraform_data.request]
  }
}
